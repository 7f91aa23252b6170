// SPDX-License-Identifier: BSD-3-Clause
#include "app/idle.h"

#include "app/af_packet.h"
#include "app/gateway.h"

#include <errno.h>
#include <rte_common.h>
#include <rte_ethdev.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 16

int
idle_init(struct idle *i, bool enabled, struct err *err)
{
	memset(i, 0, sizeof(*i));
	i->enabled = enabled;
	i->rest_ms = IDLE_MIN_MS;
	i->epoll = epoll_create1(EPOLL_CLOEXEC);
	i->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	// by edges, so that it need not be read
	i->ring.epdata.event = EPOLLIN | EPOLLET;
	if (i->epoll < 0 || i->bell < 0 ||
		rte_epoll_ctl(i->epoll, EPOLL_CTL_ADD, i->bell, &i->ring)) {
		int ret = -errno;

		idle_fini(i);
		return err_set(err, ret, "no descriptors to wait for events: %s", strerror(-ret));
	}
	return 0;
}

void
idle_fini(struct idle *i)
{
	if (i->epoll >= 0)
		close(i->epoll);
	if (i->bell >= 0)
		close(i->bell);
	i->epoll = i->bell = -1;
}

static bool
watch_socket(struct idle *i, struct idle_queue *q)
{
	struct rte_eth_dev_info info;
	int fd;

	if (rte_eth_dev_info_get(q->ethdev, &info))
		return false;
	fd = af_packet_socket(info.if_index, q->queue);
	q->event.epdata.event = EPOLLIN;
	q->event.epdata.data = (void *)(intptr_t)fd;
	return fd >= 0 && rte_epoll_ctl(i->epoll, EPOLL_CTL_ADD, fd, &q->event) == 0;
}

static bool
watch_interrupt(struct idle *i, struct idle_queue *q)
{
	q->interrupt = rte_eth_dev_rx_intr_ctl_q(q->ethdev, q->queue, i->epoll, RTE_INTR_EVENT_ADD,
			       (void *)(intptr_t)-1) == 0;
	return q->interrupt;
}

void
idle_watch(struct idle *i, const struct port *p, uint16_t queue)
{
	struct idle_queue *q = &i->queue[i->n_queue];
	bool ok = false;

	if (!i->enabled || i->naps)
		return;
	if (i->n_queue < IDLE_QUEUES) {
		*q = (struct idle_queue){.ethdev = p->ethdev, .queue = queue};
		if (p->driver_cfg->wake == DRIVER_WAKE_SOCKET)
			ok = watch_socket(i, q);
		else if (p->driver_cfg->wake == DRIVER_WAKE_INTERRUPT)
			ok = watch_interrupt(i, q);
	}
	i->naps = !ok;
	i->n_queue += ok;
}

static void
set_interrupts(struct idle *i, int (*set)(uint16_t port, uint16_t queue))
{
	for (unsigned int j = 0; j < i->n_queue; j++)
		if (i->queue[j].interrupt)
			set(i->queue[j].ethdev, i->queue[j].queue);
}

static void
wake_up(struct idle *i)
{
	i->resting = false;
	atomic_store_explicit(&i->asleep, false, memory_order_relaxed);
	set_interrupts(i, rte_eth_dev_rx_intr_disable);
}

void
idle_busy(struct idle *i)
{
	i->empty = 0;
	i->rest_ms = IDLE_MIN_MS;
	if (i->resting)
		wake_up(i);
}

// An interface that went down reports an error, again and again until it is read.
static void
clear_errors(const struct rte_epoll_event *event, int n)
{
	for (int j = 0; j < n; j++) {
		int fd = (int)(intptr_t)event[j].epdata.data;
		socklen_t len = sizeof(int);
		int ignored;

		if (event[j].epdata.event & (EPOLLERR | EPOLLHUP) && fd > 0)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &ignored, &len);
	}
}

unsigned int
idle_nap_us(const struct idle *i)
{
	return i->empty < IDLE_SPIN + IDLE_QUIET ? IDLE_NAP_US : IDLE_LONG_NAP_US;
}

bool
idle_rest(struct idle *i)
{
	struct timespec nap = {0};
	struct rte_epoll_event event[EVENTS];
	int n;

	if (++i->empty < IDLE_SPIN || !i->enabled)
		return true;
	if (i->naps) {
		nap.tv_nsec = idle_nap_us(i) * 1000;
		nanosleep(&nap, NULL);
		return false;
	}
	if (!i->resting) {
		// one more look at everything, now that others know
		i->resting = true;
		atomic_store_explicit(&i->asleep, true, memory_order_relaxed);
		set_interrupts(i, rte_eth_dev_rx_intr_enable);
		atomic_thread_fence(memory_order_seq_cst);
		return true;
	}
	n = rte_epoll_wait(i->epoll, event, EVENTS, i->rest_ms);
	if (n > 0)
		clear_errors(event, n);
	i->rest_ms = RTE_MIN(2 * i->rest_ms, IDLE_MAX_MS);
	wake_up(i);
	return n > 0;
}

void
idle_wake(struct idle *i)
{
	const uint64_t one = 1;

	// one ring is enough, though the lcore may take a while to be on its CPU again
	if (!atomic_exchange_explicit(&i->asleep, false, memory_order_acq_rel))
		return;
	// full only after 2^64 rings that nobody heard
	if (write(i->bell, &one, sizeof(one)) < 0)
		return;
}
