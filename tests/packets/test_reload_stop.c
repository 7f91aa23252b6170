// SPDX-License-Identifier: BSD-3-Clause
// A stop that comes while a reload is being told to the lcores: it ends, says so, and all that was
// made for it is freed, whoever has it by then.
#include "reloading.h"

#include "state/change.h"

#include <pthread.h>
#include <rte_malloc.h>
#include <stdlib.h>

static struct mailbox *stopping; // closes after so many slices of mail
static unsigned int slices;
static bool closed;

static void
poll_one(struct mailbox *mb, void *owner)
{
	if (mb != stopping) {
		mailbox_poll(mb, owner);
		return;
	}
	if (slices && mailbox_poll(mb, owner))
		slices--;
	if (slices == 0 && !closed) {
		mailbox_close(mb);
		closed = true;
	}
}

static void
turn(void)
{
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		poll_one(worker_mailbox(env.f.gw.worker[i]), env.f.gw.worker[i]);
	poll_one(dns_lcore_mailbox(env.f.gw.dns), env.f.gw.dns);
}

static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats s;

	assert_int_equal(rte_malloc_get_socket_stats(0, &s), 0);
	return s.heap_allocsz_bytes;
}

#define LINES(pool, port) \
	"  pool4: [" pool "]\n" \
	"  static: [{protocols: [udp], address: 5.6.7.64, ports: " port ", " \
	"client: '2001:db8:1::10'}]\n  max_sessions: 1024\n  max_bib: 512\n"

static const struct step flow[] = {
	{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
};

// lcore: of a worker, or behind them the one of DNS64.
static void
stop_at(const char *prefix, unsigned int lcore, unsigned int after)
{
	struct reloading t = {.workers = "0, 1",
		.nat64 = LINES("5.6.7.64", "8080"),
		.extra = "dns64: {upstreams: [5.6.7.53]}\n"};
	struct reload_report r;
	char *yaml;

	reloading_start(prefix, &t);
	env_run(flow, RTE_DIM(flow));
	t.nat64 = LINES("5.6.7.64/31", "8081");
	t.extra = "dns64: {upstreams: [5.6.7.54]}\n";
	yaml = reloading_yaml(&t);
	stopping = lcore < env.f.gw.n_worker ? worker_mailbox(env.f.gw.worker[lcore])
					     : dns_lcore_mailbox(env.f.gw.dns);
	slices = after;
	closed = false;
	assert_int_equal(reload_by(yaml, turn, &r), -ESHUTDOWN);
	assert_non_null(strstr(r.problems, "stopping"));
	reload_report_free(&r);
	free(yaml);
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		state_change_finish(env.f.gw.worker[i]->state); // as the end of a gateway does
	env_stop();
}

static void
n64_reload_meets_a_stop(void **state)
{
	uint64_t before = heap_bytes();

	for (unsigned int lcore = 0; lcore < 3; lcore++)
		for (unsigned int after = 0; after < 8; after++) {
			if (lcore == 2 && after > 0) // its only slice is the last
				break;
			stop_at(*state, lcore, after);
			assert_int_equal(heap_bytes(), before);
		}
}

static bool
count_run(void *owner, struct mail *m)
{
	(void)m;
	(*(unsigned int *)owner)++;
	return true;
}

struct call {
	struct mailbox mb;
	struct mail mail;
	int ret;
};

static void *
call_main(void *arg)
{
	struct call *c = arg;

	c->ret = mailbox_call(&c->mb, &c->mail);
	return NULL;
}

// Of a mail that was done before the owner left, the caller is told so; of another, that it was
// not.
static void
mail_before_a_stop(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		struct call c = {.mail.run = count_run};
		unsigned int runs = 0;
		pthread_t thread;

		assert_int_equal(mailbox_init(&c.mb, "mail_test", SOCKET_ID_ANY), 0);
		assert_int_equal(pthread_create(&thread, NULL, call_main, &c), 0);
		while (rte_ring_empty(c.mb.ring))
			;
		if (i % 2)
			assert_true(mailbox_poll(&c.mb, &runs));
		mailbox_close(&c.mb);
		pthread_join(thread, NULL);
		assert_int_equal(runs, i % 2);
		assert_int_equal(c.ret, runs ? 0 : -ESHUTDOWN);
		mailbox_fini(&c.mb);
	}
}

ENV_MAIN(cmocka_unit_test(mail_before_a_stop), WITH_BOTH(n64_reload_meets_a_stop))
