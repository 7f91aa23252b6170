// SPDX-License-Identifier: BSD-3-Clause
#include "app/idle.h"

#include "app/af_packet.h"
#include "app/gateway.h"

#include <errno.h>
#include <rte_common.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS    16

#define NS_PER_US 1000
#define NS_PER_MS 1000000

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

	if (rte_eth_dev_info_get(q->nic->ethdev, &info))
		return false;
	q->socket = af_packet_socket(info.if_index, q->queue);
	q->event.epdata.event = EPOLLIN;
	q->event.epdata.data = q;
	return q->socket >= 0 && rte_epoll_ctl(i->epoll, EPOLL_CTL_ADD, q->socket, &q->event) == 0;
}

static bool
watch_interrupt(struct idle *i, struct idle_queue *q)
{
	q->socket = -1;
	return rte_eth_dev_rx_intr_ctl_q(
		       q->nic->ethdev, q->queue, i->epoll, RTE_INTR_EVENT_ADD, q) == 0;
}

static bool
watch(struct idle *i, struct idle_queue *q)
{
	const enum driver_wake wake = q->nic->wake;

	switch (wake) {
	case DRIVER_WAKE_SOCKET:
		return watch_socket(i, q);
	case DRIVER_WAKE_INTERRUPT:
		return watch_interrupt(i, q);
	default:
		return false;
	}
}

void
idle_give_up(struct port *nic, const char *why)
{
	if (atomic_exchange(&nic->wake, DRIVER_WAKE_NONE) != DRIVER_WAKE_NONE)
		fprintf(stderr,
			"gate64: port %s: %s; its workers nap when there is nothing to do\n",
			nic->name, why);
}

void
idle_watch(struct idle *i, struct port *nic, uint16_t queue)
{
	struct idle_queue *q = &i->queue[i->n_queue];

	if (!i->enabled || i->naps)
		return;
	if (i->n_queue == IDLE_QUEUES) {
		i->naps = true;
		return;
	}
	*q = (struct idle_queue){.nic = nic, .queue = queue};
	if (!watch(i, q)) {
		idle_give_up(nic, "nothing tells that a packet is there");
		i->naps = true;
		return;
	}
	i->interrupts |= q->socket < 0;
	i->n_queue++;
}

void
idle_count_unheard(struct idle *i, unsigned int n)
{
	struct idle_queue *q = &i->queue[n];

	if (i->naps || q->socket >= 0 || ++q->unheard < IDLE_UNHEARD)
		return;
	idle_give_up(q->nic, "packets come without an interrupt");
	i->naps = true;
}

static void
set_interrupts(struct idle *i, int (*set)(uint16_t port, uint16_t queue))
{
	for (unsigned int j = 0; j < i->n_queue; j++)
		if (i->queue[j].socket < 0)
			set(i->queue[j].nic->ethdev, i->queue[j].queue);
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
	i->since_ns = 0;
	i->expired = false;
	i->rest_ms = IDLE_MIN_MS;
	if (i->resting)
		wake_up(i);
}

// An interface that went down reports an error, again and again until it is read.
static void
take_events(const struct rte_epoll_event *event, int n)
{
	for (int j = 0; j < n; j++) {
		struct idle_queue *q = event[j].epdata.data;
		socklen_t len = sizeof(int);
		int ignored;

		if (!q)
			continue; // the bell
		q->unheard = 0;
		// written once: it lies beside what all workers read
		if (q->socket < 0 && !q->nic->interrupt_came)
			q->nic->interrupt_came = true;
		if (event[j].epdata.event & (EPOLLERR | EPOLLHUP) && q->socket >= 0)
			getsockopt(q->socket, SOL_SOCKET, SO_ERROR, &ignored, &len);
	}
}

unsigned int
idle_nap_us(uint64_t idle_ns)
{
	return idle_ns < IDLE_QUIET_MS * NS_PER_MS ? IDLE_NAP_US : IDLE_LONG_NAP_US;
}

// Another worker has found out that one of the NICs does not wake.
static bool
others_nap(const struct idle *i)
{
	for (unsigned int j = 0; i->interrupts && j < i->n_queue; j++)
		if (i->queue[j].nic->wake == DRIVER_WAKE_NONE)
			return true;
	return false;
}

static bool
is_nap(struct idle *i, uint64_t idle_ns)
{
	if (!i->resting && others_nap(i))
		i->naps = true;
	return i->naps || (i->interrupts && idle_ns < IDLE_NAPS_MS * NS_PER_MS);
}

static bool
must_try_interrupts(const struct idle *i)
{
	for (unsigned int j = 0; i->interrupts && j < i->n_queue; j++)
		if (i->queue[j].socket < 0 && !i->queue[j].nic->interrupt_came)
			return true;
	return false;
}

static void
take_nap(uint64_t idle_ns)
{
	const struct timespec nap = {.tv_nsec = idle_nap_us(idle_ns) * NS_PER_US};

	nanosleep(&nap, NULL);
}

static bool
sleep_until_event(struct idle *i, uint64_t idle_ns)
{
	struct rte_epoll_event event[EVENTS];
	bool try = must_try_interrupts(i);
	int n;

	if (try)
		take_nap(idle_ns);
	n = rte_epoll_wait(i->epoll, event, EVENTS, try ? 0 : i->rest_ms);
	take_events(event, n);
	i->expired = n == 0 && i->interrupts;
	i->rest_ms = RTE_MIN(2 * i->rest_ms, IDLE_MAX_MS);
	wake_up(i);
	return n > 0;
}

bool
idle_rest(struct idle *i, uint64_t now_ns)
{
	uint64_t idle_ns;

	i->expired = false;
	if (!i->since_ns)
		i->since_ns = now_ns;
	idle_ns = now_ns - i->since_ns;
	if (!i->enabled || idle_ns < IDLE_SPIN_US * NS_PER_US)
		return true;
	if (is_nap(i, idle_ns)) {
		take_nap(idle_ns);
		return false;
	}
	if (i->resting)
		return sleep_until_event(i, idle_ns);
	// one more look at everything, now that others know
	i->resting = true;
	atomic_store_explicit(&i->asleep, true, memory_order_relaxed);
	set_interrupts(i, rte_eth_dev_rx_intr_enable);
	atomic_thread_fence(memory_order_seq_cst);
	return true;
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
