// SPDX-License-Identifier: BSD-3-Clause
#include "common/fixture.h"

#include "addr/text.h"
#include "app/eal.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/port.h"
#include "base/hash.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>

static void
die(const char *what, const char *text)
{
	fprintf(stderr, "fixture: %s: %s\n", what, text);
	exit(2);
}

static void
init(char **argv, int n)
{
	if (rte_eal_init(n, argv) < 0)
		die("EAL", rte_strerror(rte_errno));
	hash_key_init();
}

void
fixture_eal(unsigned int mb)
{
	char mem[16];
	char *argv[] = {"fixture", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-l0",
		mem, "--log-level=lib.*:4", "--iova-mode=va", NULL};

	snprintf(mem, sizeof(mem), "-m%u", mb);
	init(argv, 9);
}

void
fixture_eal_hugepages(void)
{
	char *argv[] = {"fixture", "--in-memory", "--no-pci", "--no-telemetry", "-l0",
		"--log-level=lib.*:4", "--iova-mode=va", NULL};

	init(argv, 7);
}

static uint16_t
collect(struct port *p, uint16_t queue, struct rte_mbuf **m, uint16_t n)
{
	struct fixture *f = p->tx_arg;
	uint16_t i;

	for (i = 0; i < n && f->out[p->index].n < FIXTURE_FRAMES; i++)
		f->out[p->index].m[f->out[p->index].n++] = m[i];
	f->sent_ports += i;
	return i;
}

void
fixture_start(struct fixture *f, const struct config *c, uint32_t mbufs)
{
	struct rte_ether_addr mac[CONFIG_PORTS];
	struct err err = {.text = ""};

	memset(f, 0, sizeof(*f));
	f->gw.boot = f->gw.asked = *c;
	f->gw.n_port = c->n_port;
	f->gw.n_worker = c->lcores.n_worker ? c->lcores.n_worker : 1;
	f->now_ns = 1000000000000; // any time but 0
	f->gw.pool = rte_pktmbuf_pool_create(
		"fixture", mbufs, 0, PKT_PRIV_SIZE, eal_mbuf_room(c), SOCKET_ID_ANY);
	if (!f->gw.pool)
		die("packet pool", rte_strerror(rte_errno));
	for (unsigned int i = 0; i < f->gw.n_port; i++) {
		struct port *p = &f->gw.port[i];

		mac[i] = (struct rte_ether_addr){.addr_bytes = {2, [5] = (uint8_t)i}};
		port_init(&f->gw, i, &mac[i]);
		p->tx = collect;
		p->tx_arg = f;
		for (uint16_t w = 0; w < f->gw.n_worker; w++)
			p->tx_worker[w] = w;
	}
	f->gw.plan = plan_create(c, mac, NULL, &err);
	if (!f->gw.plan || workers_create(&f->gw, 0, &err))
		die("workers", err.text);
	if (c->dns64.enabled && !(f->gw.dns = dns_lcore_create(&f->gw, &err)))
		die("dns", err.text);
	for (unsigned int i = 0; i < f->gw.n_worker; i++)
		for (unsigned int b = 0; b < ICMP_BUCKET__N; b++)
			f->gw.worker[i]->icmp_tokens[b] = 1000 * 1000;
	fixture_turn(f, 0);
}

void
fixture_start_yaml(struct fixture *f, const char *yaml, uint32_t mbufs)
{
	static struct config c;

	if (config_load_text("test.yaml", yaml, strlen(yaml), &c, stderr))
		die("configuration", "see above");
	fixture_start(f, &c, mbufs);
}

unsigned int
fixture_stop(struct fixture *f)
{
	unsigned int lost;

	fixture_discard(f);
	dns_lcore_free(f->gw.dns);
	workers_free(&f->gw);
	plan_free(f->gw.plan);
	plan_free(f->gw.next_plan);
	lost = rte_mempool_in_use_count(f->gw.pool);
	rte_mempool_free(f->gw.pool);
	return lost;
}

void
fixture_input_mbuf(struct fixture *f, unsigned int worker, unsigned int port, struct rte_mbuf *m)
{
	pipeline_run(f->gw.worker[worker], &(struct rx_burst){&f->gw.port[port], &m, 1}, 1);
	fixture_turn(f, 0);
}

void
fixture_input(struct fixture *f, unsigned int port, const void *frame, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(f->gw.pool);
	char *at = m ? rte_pktmbuf_append(m, len) : NULL;

	if (!at)
		die("packet pool", "empty");
	memcpy(at, frame, len);
	fixture_input_mbuf(f, port % f->gw.n_worker, port, m);
}

void
fixture_turn(struct fixture *f, uint64_t advance_ms)
{
	unsigned int moved;

	f->now_ns += advance_ms * 1000000;
	do {
		moved = 0;
		for (unsigned int i = 0; i < f->gw.n_worker; i++) {
			worker_set_time(f->gw.worker[i], f->now_ns);
			moved += worker_turn(f->gw.worker[i], 0);
		}
		if (f->gw.dns)
			moved += dns_lcore_turn(f->gw.dns, f->now_ns / 1000000);
	} while (moved);
}

uint16_t
fixture_take(struct fixture *f, unsigned int port, uint8_t *buf, uint16_t size)
{
	struct rte_mbuf *m;
	uint16_t len;

	if (f->out[port].taken == f->out[port].n)
		return 0;
	m = f->out[port].m[f->out[port].taken++];
	len = (uint16_t)RTE_MIN(rte_pktmbuf_pkt_len(m), size);
	memcpy(buf, rte_pktmbuf_mtod(m, void *), len);
	rte_pktmbuf_free(m);
	if (f->out[port].taken == f->out[port].n)
		f->out[port].taken = f->out[port].n = 0;
	return len;
}

void
fixture_discard(struct fixture *f)
{
	uint8_t byte;

	for (unsigned int i = 0; i < f->gw.n_port; i++)
		while (fixture_take(f, i, &byte, 1))
			;
}

void
fixture_neighbor(struct fixture *f, unsigned int port, const char *addr, const uint8_t mac[6])
{
	struct rte_ether_addr m;
	struct in6_addr a;

	memcpy(m.addr_bytes, mac, sizeof(m.addr_bytes));
	if (addr_parse_any(addr, &a))
		die("address", addr);
	neigh_seen(f->gw.worker[0]->neigh, (uint16_t)port, &a, &m, true, f->now_ns / 1000000);
	neigh_advert(f->gw.worker[0]->neigh, (uint16_t)port, &a, &m, true, true, false, false,
		f->now_ns / 1000000);
	fixture_turn(f, 0);
}

struct worker_stats
fixture_stats(const struct fixture *f)
{
	struct worker_stats sum = {.rx = 0};

	for (unsigned int i = 0; i < f->gw.n_worker; i++) {
		const uint64_t *from = (const uint64_t *)&f->gw.worker[i]->stats;

		for (unsigned int j = 0; j < sizeof(sum) / sizeof(*from); j++)
			((uint64_t *)&sum)[j] += from[j];
	}
	return sum;
}

static void
add_waiting(void *arg, uint32_t idx, const struct neigh *n)
{
	*(uint64_t *)arg += n->n_waiting;
}

static uint32_t
stored_syns(const struct worker *w)
{
	struct state_stats s;

	state_stats(w->state, &s);
	return s.stored_syns;
}

bool
fixture_balanced(const struct fixture *f)
{
	const struct worker_stats s = fixture_stats(f);
	uint64_t dropped = 0, waiting = 0;
	uint32_t cursor = 0;

	for (unsigned int i = 0; i < DROP__N; i++)
		dropped += s.drop[i];
	for (unsigned int i = 0; i < f->gw.n_worker; i++)
		waiting += fragment_stats(f->gw.worker[i]->fragments).waiting +
			   stored_syns(f->gw.worker[i]);
	while (neigh_walk(f->gw.worker[0]->neigh, &cursor, UINT16_MAX, add_waiting, &waiting))
		;
	return s.rx + s.originated == s.tx + s.consumed + dropped + waiting;
}
