// SPDX-License-Identifier: BSD-3-Clause
// A reload that finds no memory: each allocation of it fails in turn. Nothing is applied, nothing
// is lost, and packets go on as before.
#include "reloading.h"

#include <pthread.h>
#include <rte_malloc.h>
#include <stdlib.h>

#define NEVER UINT32_MAX

static pthread_t workers; // the thread of the test, which turns them
static uint32_t allocations, fail_at = NEVER;

// Those of the thread that reloads.
static bool
fails(void)
{
	return !pthread_equal(pthread_self(), workers) && allocations++ == fail_at;
}

#define WRAP(name, params, args) \
	void *__real_##name params; \
	void *__wrap_##name params; \
	void *__wrap_##name params \
	{ \
		return fails() ? NULL : __real_##name args; \
	}

WRAP(malloc, (size_t n), (n))
WRAP(calloc, (size_t n, size_t size), (n, size))
WRAP(rte_malloc, (const char *type, size_t n, unsigned int align), (type, n, align))
WRAP(rte_zmalloc, (const char *type, size_t n, unsigned int align), (type, n, align))
WRAP(rte_malloc_socket, (const char *type, size_t n, unsigned int align, int socket),
	(type, n, align, socket))
WRAP(rte_zmalloc_socket, (const char *type, size_t n, unsigned int align, int socket),
	(type, n, align, socket))
WRAP(rte_realloc, (void *p, size_t n, unsigned int align), (p, n, align))

static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats s;

	assert_int_equal(rte_malloc_get_socket_stats(0, &s), 0);
	return s.heap_allocsz_bytes;
}

static const struct step flow[] = {
	{"out", LAN, {UDP6("C", 40000, "@8.8.8.8", 53)}, WAN,
		{UDP4("T", A_PORT(0), "8.8.8.8", 53)}},
	{"back", WAN, {UDP4("8.8.8.8", 53, "T", A_PORT(0))}, LAN,
		{UDP6("@8.8.8.8", 53, "C", 40000)}},
	{"in", WAN, {UDP4("8.8.8.8", 99, "T", 8080)}, LAN, {UDP6("@8.8.8.8", 99, "C", 8080)}},
};

// False: there were fewer allocations, and it is done.
static bool
fails_without_a_trace(const char *yaml)
{
	const struct plan *plan = env.f.gw.plan;
	uint64_t before = heap_bytes();
	struct reload_report r;
	int ret;

	allocations = 0;
	ret = reload_text(yaml, &r);
	if (allocations <= fail_at) {
		assert_int_equal(ret, 0);
		reload_report_free(&r);
		return false;
	}
	if (ret >= 0 || strlen(r.problems) == 0)
		fail_msg("allocation %u: %d, '%s'", fail_at, ret, r.problems);
	reload_report_free(&r);
	assert_ptr_equal(env.f.gw.plan, plan);
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		assert_ptr_equal(env.f.gw.worker[i]->plan, plan);
	assert_int_equal(heap_bytes(), before);
	env_check();
	env_run(flow, RTE_DIM(flow));
	assert_int_equal(env_sessions(), 2);
	return true;
}

static void
n64_reload_without_memory(void **state)
{
	struct reloading t = {.workers = "0, 1", .extra = "dns64: {upstreams: [5.6.7.53]}\n"};
	char *yaml;

	t.nat64 = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
		  "  static: [{protocols: [udp], address: 5.6.7.64, ports: 8080, client: "
		  "'2001:db8:1::10'}]\n  max_sessions: 1024\n  max_bib: 512\n";
	workers = pthread_self();
	reloading_start(*state, &t);
	env_run(flow, RTE_DIM(flow));
	t.nat64 = "  pool4: [{address: 5.6.7.64/31, ports: 1-65535, clients: "
		  "['2001:db8:1::/64', '2001:db8:2::/64']}, 5.6.7.66]\n"
		  "  static: [{protocols: [udp], address: 5.6.7.64, ports: 8080, client: "
		  "'2001:db8:1::10'}, {protocols: [tcp], address: 5.6.7.64, ports: 9000-9009, "
		  "client: '2001:db8:2::10'}]\n  filtering: endpoint\n"
		  "  max_sessions: 1024\n  max_bib: 512\n";
	t.extra = "dns64: {upstreams: [5.6.7.53, 5.6.7.54]}\n"
		  "routes: [{prefix: 9.9.0.0/16, via: 5.6.7.9}]\n";
	t.addresses = "5.6.7.2/24, 5.6.7.3/24";
	yaml = reloading_yaml(&t);
	for (fail_at = 0; fails_without_a_trace(yaml); fail_at++)
		;
	assert_true(fail_at > 60); // two workers, each with a pool of many parts
	fail_at = NEVER;
	free(yaml);
	env_run(flow, RTE_DIM(flow));
	env_stop();
}

ENV_MAIN(WITH_BOTH(n64_reload_without_memory))
