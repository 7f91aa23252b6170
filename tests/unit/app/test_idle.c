// SPDX-License-Identifier: BSD-3-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "app/af_packet.h"
#include "app/gateway.h"
#include "app/idle.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pthread.h>
#include <rte_log.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static struct idle *
start(bool enabled)
{
	static struct idle i;
	struct err err = {.text = ""};

	assert_int_equal(idle_init(&i, enabled, &err), 0);
	return &i;
}

static uint64_t now_ns = 1; // the clock of all tests, which only they move

static void
pass_us(uint64_t us)
{
	now_ns += 1000 * us;
}

static bool
rest(struct idle *i)
{
	return idle_rest(i, now_ns);
}

// Time without work until the lcore has told others that it goes to sleep.
static void
fall_asleep(struct idle *i)
{
	assert_true(rest(i));
	assert_false(i->asleep);
	pass_us(IDLE_SPIN_US);
	assert_true(rest(i));
	assert_true(i->asleep);
}

static void
it_sleeps_after_some_time_and_wakes_by_itself(void **state)
{
	struct idle *i = start(true);

	fall_asleep(i);
	assert_false(rest(i));
	assert_false(i->asleep);
	// nothing came: it may sleep at once again, and longer
	assert_true(rest(i));
	assert_true(i->asleep);
	assert_int_equal(i->rest_ms, 2 * IDLE_MIN_MS);
	for (unsigned int n = 0; n < 20; n++)
		rest(i);
	assert_int_equal(i->rest_ms, IDLE_MAX_MS);
	idle_fini(i);
}

static void
work_keeps_it_awake(void **state)
{
	struct idle *i = start(true);

	fall_asleep(i);
	// found in the last look before the sleep
	idle_busy(i);
	assert_false(i->asleep);
	assert_int_equal(i->rest_ms, IDLE_MIN_MS);
	// however long ago the work before was
	pass_us(10 * IDLE_SPIN_US);
	for (unsigned int n = 0; n < IDLE_SPIN_US; n++) {
		assert_true(rest(i));
		assert_false(i->asleep);
		pass_us(1);
	}
	assert_true(rest(i));
	assert_true(i->asleep);
	idle_fini(i);
}

// As when each packet comes just before it would have gone to sleep.
static void
work_now_and_then_keeps_it_awake(void **state)
{
	struct idle *i = start(true);

	for (unsigned int n = 0; n < 100; n++) {
		assert_true(rest(i));
		pass_us(IDLE_SPIN_US - 1);
		assert_true(rest(i));
		assert_false(i->asleep);
		idle_busy(i);
	}
	idle_fini(i);
}

static void
poll_never_sleeps(void **state)
{
	struct idle *i = start(false);

	for (unsigned int n = 0; n < 10; n++) {
		assert_true(rest(i));
		pass_us(IDLE_SPIN_US);
	}
	assert_false(i->asleep);
	idle_fini(i);
}

static void
a_ring_before_the_sleep_is_heard(void **state)
{
	struct idle *i = start(true);

	for (unsigned int n = 0; n < 100; n++) {
		fall_asleep(i);
		idle_ring(i);
		idle_ring(i);
		assert_true(rest(i));
		assert_false(i->asleep);
		idle_busy(i);
	}
	idle_fini(i);
}

// However many ring before it is on its CPU again, the bell is rung once.
static void
who_was_rung_is_not_rung_again(void **state)
{
	struct idle *i = start(true);
	uint64_t rings = 0;

	fall_asleep(i);
	for (unsigned int n = 0; n < 10; n++)
		idle_ring(i);
	assert_int_equal(read(i->bell, &rings, sizeof(rings)), sizeof(rings));
	assert_int_equal(rings, 1);
	// and again after its next rest
	idle_busy(i);
	fall_asleep(i);
	idle_ring(i);
	assert_true(rest(i));
	idle_fini(i);
}

static void
nobody_rings_for_who_is_awake(void **state)
{
	struct idle *i = start(true);

	idle_ring(i);
	fall_asleep(i);
	assert_false(rest(i));
	idle_fini(i);
}

struct ringer {
	struct idle *idle;
	volatile bool stop;
};

static void *
ring_always(void *arg)
{
	struct ringer *r = arg;

	while (!r->stop) {
		idle_ring(r->idle);
		usleep(50);
	}
	return NULL;
}

static void
another_thread_wakes_it(void **state)
{
	struct idle *i = start(true);
	struct ringer r = {.idle = i};
	unsigned int woken = 0;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, ring_always, &r), 0);
	// a rest may be over before the other thread runs: it rings in a later one
	while (woken < 50) {
		fall_asleep(i);
		woken += rest(i);
		idle_busy(i);
	}
	r.stop = true;
	pthread_join(thread, NULL);
	idle_fini(i);
}

static void
what_cannot_be_waited_for_means_naps(void **state)
{
	struct port p = {.wake = DRIVER_WAKE_NONE};
	struct idle *i = start(true);

	idle_watch(i, &p, 0);
	assert_true(i->naps);
	assert_true(rest(i));
	pass_us(IDLE_SPIN_US);
	assert_false(rest(i));
	assert_false(i->asleep);
	idle_fini(i);
}

static void
naps_are_longer_when_it_is_quiet(void **state)
{
	const uint64_t quiet_ns = (uint64_t)IDLE_QUIET_MS * 1000000;

	assert_int_equal(idle_nap_us(0), IDLE_NAP_US);
	assert_int_equal(idle_nap_us(quiet_ns - 1), IDLE_NAP_US);
	assert_int_equal(idle_nap_us(quiet_ns), IDLE_LONG_NAP_US);
}

// There is no such port, so nobody can be told to interrupt for it.
static void
what_gives_no_interrupts_means_naps(void **state)
{
	struct port p = {.name = "lan", .wake = DRIVER_WAKE_INTERRUPT, .ethdev = 77};
	struct idle *i = start(true);

	idle_watch(i, &p, 0);
	assert_true(i->naps);
	assert_int_equal(p.wake, DRIVER_WAKE_NONE);
	idle_fini(i);
}

// The naps before it relies on interrupts are over.
static void
pass_naps(struct idle *i)
{
	if (!i->since_ns)
		i->since_ns = now_ns;
	pass_us(IDLE_NAPS_MS * 1000);
}

// As if idle_watch had found two queues with interrupts; that of the first one is an eventfd.
static struct idle *
start_with_interrupts(struct port *nic, int fd)
{
	struct idle *i = start(true);

	nic->wake = DRIVER_WAKE_INTERRUPT;
	nic->interrupt_came = true;
	i->interrupts = true;
	i->n_queue = 2;
	for (unsigned int n = 0; n < i->n_queue; n++)
		i->queue[n] = (struct idle_queue){.nic = nic, .socket = -1};
	i->queue[0].event.epdata =
		(struct rte_epoll_data){.event = EPOLLIN | EPOLLET, .data = &i->queue[0]};
	assert_int_equal(rte_epoll_ctl(i->epoll, EPOLL_CTL_ADD, fd, &i->queue[0].event), 0);
	pass_naps(i);
	return i;
}

static void
naps_come_before_interrupts(void **state)
{
	struct port p = {.name = "lan", .ethdev = 77};
	int fd = eventfd(0, EFD_NONBLOCK);
	struct idle *i = start_with_interrupts(&p, fd);

	idle_busy(i);
	assert_true(rest(i));
	pass_us(IDLE_SPIN_US);
	for (unsigned int n = 0; n < 10; n++) {
		assert_false(rest(i));
		assert_false(i->asleep);
	}
	pass_naps(i);
	assert_true(rest(i));
	assert_true(i->asleep);
	idle_fini(i);
	close(fd);
}

// A rest that is over by itself, after which there are packets in the queue.
static void
oversleep(struct idle *i, unsigned int queue)
{
	pass_naps(i);
	assert_true(rest(i));
	assert_false(rest(i));
	idle_received(i, queue);
	idle_busy(i);
}

static void
interrupts_that_do_not_come_mean_naps(void **state)
{
	struct port p = {.name = "lan", .ethdev = 77};
	int fd = eventfd(0, EFD_NONBLOCK);
	struct idle *i = start_with_interrupts(&p, fd);

	for (unsigned int n = 1; n < IDLE_UNHEARD; n++)
		oversleep(i, 1);
	assert_false(i->naps);
	// awake, or found in the last look before a rest: nothing is wrong with that
	idle_received(i, 1);
	pass_naps(i);
	assert_true(rest(i));
	idle_received(i, 1);
	idle_busy(i);
	assert_false(i->naps);
	oversleep(i, 1);
	assert_true(i->naps);
	assert_int_equal(p.wake, DRIVER_WAKE_NONE);
	idle_fini(i);
	close(fd);
}

// What shows on one worker is true of the NIC's other queues.
static void
all_workers_of_a_nic_nap(void **state)
{
	struct port p = {.name = "lan", .ethdev = 77};
	int fd = eventfd(0, EFD_NONBLOCK);
	struct idle *i = start_with_interrupts(&p, fd);

	assert_true(rest(i)); // about to sleep
	idle_give_up(&p, "packets come without an interrupt");
	assert_false(rest(i));
	assert_false(i->asleep);
	pass_naps(i);
	assert_false(rest(i));
	assert_true(i->naps);
	assert_false(i->asleep);
	idle_fini(i);
	close(fd);
}

// Until then it naps, so that no packet is late.
static void
the_first_interrupt_is_waited_for_in_naps(void **state)
{
	struct port p = {.name = "lan", .ethdev = 77};
	int fd = eventfd(0, EFD_NONBLOCK);
	struct idle *i = start_with_interrupts(&p, fd);
	const uint64_t one = 1;

	p.interrupt_came = false;
	i->rest_ms = 1000 * 1000; // a sleep would not end
	for (unsigned int n = 0; n < 10; n++) {
		assert_true(rest(i));
		assert_false(rest(i));
	}
	assert_true(rest(i));
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	assert_true(rest(i));
	assert_true(p.interrupt_came);
	idle_fini(i);
	close(fd);
}

// Late ones now and then are not counted together.
static void
interrupts_that_come_are_relied_on(void **state)
{
	struct port p = {.name = "lan", .ethdev = 77};
	int fd = eventfd(0, EFD_NONBLOCK);
	struct idle *i = start_with_interrupts(&p, fd);
	const uint64_t one = 1;

	for (unsigned int n = 0; n < 4 * IDLE_UNHEARD; n++) {
		if (n % (IDLE_UNHEARD - 1) > 0) {
			oversleep(i, 0);
			continue;
		}
		pass_naps(i);
		assert_true(rest(i));
		assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
		assert_true(rest(i));
		idle_received(i, 0);
		idle_busy(i);
	}
	assert_false(i->naps);
	assert_int_equal(p.wake, DRIVER_WAKE_INTERRUPT);
	idle_fini(i);
	close(fd);
}

#define FANOUT_GROUP 77

// A socket as DPDK's net_af_packet makes it, bound to the loopback interface.
static int
packet_socket(unsigned int ifindex)
{
	const struct sockaddr_ll addr = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)ifindex};
	const struct tpacket_req ring = {
		.tp_block_size = 4096, .tp_block_nr = 1, .tp_frame_size = 2048, .tp_frame_nr = 2};
	const unsigned int fanout = (unsigned int)PACKET_FANOUT_FLAG_DEFRAG << 16 | FANOUT_GROUP;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0)
		return -1;
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &fanout, sizeof(fanout)), 0);
	return fd;
}

// Its group, and how frames are shared out; 0: not at all.
static int
fanout_of(int fd)
{
	int fanout = -1;
	socklen_t len = sizeof(fanout);

	assert_int_equal(getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &fanout, &len), 0);
	return fanout;
}

static void
one_socket_makes_no_fanout(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	int fd[3] = {packet_socket(lo)};

	if (fd[0] < 0)
		skip(); // only root may
	close(fd[0]);   // of a driver that failed; the next one has its number
	fd[0] = packet_socket(lo);
	assert_int_equal(fanout_of(fd[0]), 0);
	for (unsigned int n = 1; n < 3; n++)
		fd[n] = packet_socket(lo);
	for (unsigned int n = 0; n < 3; n++) {
		assert_int_equal(fanout_of(fd[n]), FANOUT_GROUP);
		close(fd[n]);
	}
}

static void
sockets_of_the_driver_are_found(void **state)
{
	unsigned int lo = if_nametoindex("lo");
	int first = packet_socket(lo), second;

	if (first < 0)
		skip(); // only root may
	second = packet_socket(lo);
	assert_int_equal(af_packet_socket(lo, 0), first);
	assert_int_equal(af_packet_socket(lo, 1), second);
	assert_int_equal(af_packet_socket(lo, 2), -1);
	assert_int_equal(af_packet_socket(lo + 1000, 0), -1);
	close(first);
	assert_int_equal(af_packet_socket(lo, 0), second);
	close(second);
	assert_int_equal(af_packet_socket(lo, 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_sleeps_after_some_time_and_wakes_by_itself),
		cmocka_unit_test(work_keeps_it_awake),
		cmocka_unit_test(work_now_and_then_keeps_it_awake),
		cmocka_unit_test(poll_never_sleeps),
		cmocka_unit_test(a_ring_before_the_sleep_is_heard),
		cmocka_unit_test(who_was_rung_is_not_rung_again),
		cmocka_unit_test(nobody_rings_for_who_is_awake),
		cmocka_unit_test(another_thread_wakes_it),
		cmocka_unit_test(what_cannot_be_waited_for_means_naps),
		cmocka_unit_test(naps_are_longer_when_it_is_quiet),
		cmocka_unit_test(what_gives_no_interrupts_means_naps),
		cmocka_unit_test(naps_come_before_interrupts),
		cmocka_unit_test(interrupts_that_do_not_come_mean_naps),
		cmocka_unit_test(all_workers_of_a_nic_nap),
		cmocka_unit_test(the_first_interrupt_is_waited_for_in_naps),
		cmocka_unit_test(interrupts_that_come_are_relied_on),
		cmocka_unit_test(sockets_of_the_driver_are_found),
		cmocka_unit_test(one_socket_makes_no_fanout),
	};

	rte_log_set_global_level(RTE_LOG_EMERG); // of ports that are not there
	return cmocka_run_group_tests(tests, NULL, NULL);
}
