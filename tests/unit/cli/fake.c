// SPDX-License-Identifier: BSD-3-Clause
#include "fake.h"

#include "addr/text.h"
#include "app/state_file.h"
#include "base/hash.h"
#include "state/state.h"

#include <pthread.h>
#include <rte_eal.h>
#include <rte_tcp.h>
#include <rte_string_fns.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAKE_NOW_SEC 1000

struct worker {
	struct mailbox mailbox;
	struct worker_stats stats;
	struct state *state;
	struct neigh_table *neigh;
	unsigned int index;
	pthread_t thread;
	atomic_bool stop;
};

struct dns_lcore {
	struct mailbox mailbox;
	struct dns64 dns64;
	pthread_t thread;
	atomic_bool stop;
};

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake gateway: %s\n", what);
	abort();
}

// ---- accessors of app/gateway.h

struct mailbox *
worker_mailbox(struct worker *w)
{
	return &w->mailbox;
}

const struct worker_stats *
worker_stats(const struct worker *w)
{
	return &w->stats;
}

struct state *
worker_state(struct worker *w)
{
	return w->state;
}

struct neigh_table *
worker_neigh(struct worker *w)
{
	return w->neigh;
}

uint32_t
worker_now_sec(const struct worker *w)
{
	return FAKE_NOW_SEC + 10;
}

uint64_t
worker_now_ms(const struct worker *w)
{
	return (FAKE_NOW_SEC + 10) * 1000;
}

unsigned int
worker_lcore(const struct worker *w)
{
	return w->index + 1;
}

unsigned int
worker_cpu(const struct worker *w)
{
	return w->index + 2;
}

const uint64_t *
worker_rx_queue(const struct worker *w, const struct port *nic, uint16_t queue)
{
	static const uint64_t packets = 7;

	return &packets;
}

void
worker_clear_stats(struct worker *w)
{
	memset(&w->stats, 0, sizeof(w->stats));
}

struct mailbox *
dns_lcore_mailbox(struct dns_lcore *d)
{
	return &d->mailbox;
}

struct dns64 *
dns_lcore_dns64(struct dns_lcore *d)
{
	return &d->dns64;
}

uint64_t
dns_lcore_not_sent(const struct dns_lcore *d)
{
	return 0;
}

uint64_t
dns_lcore_now_ms(const struct dns_lcore *d)
{
	return FAKE_NOW_SEC * 1000;
}

// ---- dns64

const struct dns64_stats *
dns64_stats(const struct dns64 *d)
{
	return &d->stats;
}

void
dns64_gauges(const struct dns64 *d, struct dns64_gauges *out)
{
	*out = (struct dns64_gauges){.cache_entries = d->n_row, .cache_capacity = FAKE_CACHE_ROWS};
}

bool
dns64_upstream_row(const struct dns64 *d, unsigned int i, struct dns64_upstream_row *out)
{
	*out = (struct dns64_upstream_row){.port = 53, .queries = 5, .answers = 4, .alive = true};
	addr_parse_any("198.18.0.53", &out->addr);
	return i == 0;
}

bool
dns64_walk_cache(const struct dns64 *d, uint32_t *cursor, unsigned int budget, uint64_t now_ms,
	void (*fn)(void *arg, const struct dns64_cache_row *row), void *arg)
{
	for (; budget > 0 && *cursor < d->n_row; budget--)
		fn(arg, &d->row[(*cursor)++]);
	return *cursor < d->n_row;
}

void
dns64_clear_cache(struct dns64 *d)
{
	d->n_row = 0;
}

void
dns64_clear_stats(struct dns64 *d)
{
	memset(&d->stats, 0, sizeof(d->stats));
}

// ---- threads in place of lcores

static void *
worker_main(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->stop)) {
		if (!mailbox_poll(&w->mailbox, w))
			usleep(20);
	}
	mailbox_close(&w->mailbox);
	return NULL;
}

static void *
dns_main(void *arg)
{
	struct dns_lcore *d = arg;

	while (!atomic_load(&d->stop)) {
		if (!mailbox_poll(&d->mailbox, d))
			usleep(20);
	}
	mailbox_close(&d->mailbox);
	return NULL;
}

void
fake_eal(void)
{
	char *argv[] = {"t", "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "256",
		"--iova-mode=va", "-l", "0", "--log-level=lib.*:4", "--vdev=net_null0",
		"--vdev=net_null1", NULL};

	must(rte_eal_init((int)RTE_DIM(argv) - 1, argv) >= 0, "EAL");
	hash_key_init();
}

// ---- neighbours that send nothing

static void
on_solicit(void *ctx, const struct neigh *n, bool unicast)
{
}

static void
on_change(void *ctx, uint32_t idx, const struct neigh *n)
{
}

static void
on_deliver(void *ctx, uint32_t idx, const struct neigh *n, struct rte_mbuf *m)
{
}

static void
on_fail(void *ctx, const struct neigh *n, struct rte_mbuf *m, bool queue_full)
{
}

static void
make_neighbors(struct worker *w)
{
	static const struct neigh_ops ops = {on_solicit, on_change, on_change, on_deliver, on_fail};
	const struct neigh_params p = {.max_entries = 256,
		.max_incomplete = 64,
		.queue_len = 4,
		.socket_id = SOCKET_ID_ANY};
	const struct rte_ether_addr mac = {{2, 0, 0, 0, 0, 7}};
	struct in6_addr a;

	w->neigh = neigh_create(&p, &ops, NULL, NULL);
	must(w->neigh, "neighbours");
	addr_parse_any("198.18.0.1", &a);
	neigh_seen(w->neigh, 1, &a, &mac, true, FAKE_NOW_SEC * 1000);
	addr_parse_any("2001:db8:1::77", &a);
	neigh_output(w->neigh, 0, &a, NULL, FAKE_NOW_SEC * 1000);
}

// ---- build

static void
make_config(struct gateway *gw)
{
	struct config *c = &gw->boot;
	char dir[] = "/tmp/gate64-cli-XXXXXX";
	struct prefix6 wkp;

	rte_strlcpy(c->name, "fake", sizeof(c->name));
	must(mkdtemp(dir), "mkdtemp");
	snprintf(c->cli.socket, sizeof(c->cli.socket), "%s/run/fake.sock", dir);
	rte_strlcpy(c->port[0].name, "lan", sizeof(c->port[0].name));
	rte_strlcpy(c->port[0].device, "net_null0", sizeof(c->port[0].device));
	prefix6_parse("2001:db8:1::1/64", &c->port[0].addr6[0]);
	c->port[0].n_addr6 = 1;
	rte_strlcpy(c->port[1].name, "wan", sizeof(c->port[1].name));
	rte_strlcpy(c->port[1].device, "net_null1", sizeof(c->port[1].device));
	c->port[1].role = PORT_WAN;
	prefix4_parse("198.18.0.2/24", &c->port[1].addr4[0]);
	c->port[1].n_addr4 = 1;
	c->port[1].has_gateway4 = true;
	addr4_parse("198.18.0.1", &c->port[1].gateway4);
	c->n_port = 2;
	prefix6_parse("64:ff9b::/96", &wkp);
	must(pref64_init(&c->nat64.prefix[0], &wkp) == 0, "prefix");
	c->nat64.n_prefix = 1;
	addr4_parse("203.0.113.5", &c->nat64.pool4[0].first);
	c->nat64.pool4[0].last = c->nat64.pool4[0].first;
	c->nat64.pool4[0].port_first = 1024;
	c->nat64.pool4[0].port_last = 65535;
	c->nat64.n_pool4 = 1;
	c->nat64.max_sessions = 65536;
	c->nat64.max_bib = 65536;
	c->nat64.quota.subscriber_len = 120;
	c->nat64.quota.bindings = FAKE_QUOTA_BINDINGS;
	for (unsigned int i = 0; i < TIMEOUT__N; i++)
		c->nat64.timeout[i] = 300;
	addr_parse_any("2001:db8:1::1", &c->dns64.listen[0]);
	c->dns64.n_listen = 1;
	prefix6_parse("2001:db8:1::/64", &c->dns64.allow[0]);
	c->dns64.n_allow = 1;
}

static struct restart restart;

struct restart *
fake_restart(void)
{
	return &restart;
}

static void
make_ports(struct gateway *gw)
{
	struct rte_ether_addr mac[2];

	gw->n_port = 2;
	for (uint16_t i = 0; i < 2; i++) {
		struct port *p = &gw->port[i];

		rte_strlcpy(p->name, gw->boot.port[i].name, sizeof(p->name));
		rte_strlcpy(p->device, gw->boot.port[i].device, sizeof(p->device));
		p->role = gw->boot.port[i].role;
		p->index = i;
		p->nic = p;
		p->ethdev = i;
		p->mtu = 1500;
		rte_strlcpy(p->driver, "net_null", sizeof(p->driver));
		p->mac.addr_bytes[0] = 2;
		p->mac.addr_bytes[5] = (uint8_t)i;
		mac[i] = p->mac;
	}
	gw->plan = plan_create(&gw->boot, mac, NULL, NULL);
	must(gw->plan, "plan");
}

static void
make_worker(struct gateway *gw, unsigned int i)
{
	const struct state_params p = {
		.nat64 = &gw->plan->config.nat64,
		.worker = i,
		.n_workers = gw->n_worker,
		.socket_id = SOCKET_ID_ANY,
	};
	struct worker *w = calloc(1, sizeof(*w));
	char name[32];

	must(w, "memory");
	w->index = i;
	w->state = state_create(&p, NULL);
	must(w->state, "state");
	snprintf(name, sizeof(name), "mailbox%u", i);
	must(mailbox_init(&w->mailbox, name, SOCKET_ID_ANY) == 0, "mailbox");
	if (i == 0)
		make_neighbors(w);
	must(pthread_create(&w->thread, NULL, worker_main, w) == 0, "thread");
	gw->worker[i] = w;
}

struct gateway *
fake_gateway(unsigned int n_workers, bool dns)
{
	struct gateway *gw = calloc(1, sizeof(*gw));

	must(gw, "memory");
	make_config(gw);
	make_ports(gw);
	restart = (struct restart){.outcome = RESTART_NO_FILE};
	gw->restart = &restart;
	gw->n_worker = n_workers;
	for (unsigned int i = 0; i < n_workers; i++)
		make_worker(gw, i);
	if (!dns)
		return gw;
	gw->dns = calloc(1, sizeof(*gw->dns));
	must(gw->dns && mailbox_init(&gw->dns->mailbox, "mailbox-dns", SOCKET_ID_ANY) == 0, "dns");
	must(pthread_create(&gw->dns->thread, NULL, dns_main, gw->dns) == 0, "thread");
	return gw;
}

void
fake_lcores_stop(struct gateway *gw)
{
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		if (!atomic_exchange(&gw->worker[i]->stop, true))
			pthread_join(gw->worker[i]->thread, NULL);
	}
	if (gw->dns && !atomic_exchange(&gw->dns->stop, true))
		pthread_join(gw->dns->thread, NULL);
}

void
fake_gateway_free(struct gateway *gw)
{
	char *slash;

	fake_lcores_stop(gw);
	for (unsigned int i = 0; i < gw->n_worker; i++) {
		mailbox_fini(&gw->worker[i]->mailbox);
		state_free(gw->worker[i]->state);
		if (gw->worker[i]->neigh)
			neigh_free(gw->worker[i]->neigh);
		free(gw->worker[i]);
	}
	if (gw->dns)
		mailbox_fini(&gw->dns->mailbox);
	free(gw->dns);
	plan_free(gw->plan);
	for (unsigned int up = 0; up < 2; up++) {
		slash = strrchr(gw->boot.cli.socket, '/');
		*slash = '\0';
		rmdir(gw->boot.cli.socket);
	}
	free(gw);
}

// ---- contents, made on the worker's thread

struct fake_mail {
	struct mail mail;
	struct worker *w;
	struct session_key6 key;
	unsigned int n;
};

static bool
admit_run(void *owner, struct mail *mail)
{
	struct fake_mail *m = (struct fake_mail *)mail;
	enum drop_reason why;
	struct session *s;
	bool made;

	for (unsigned int i = 0; i < m->n; i++) {
		uint8_t flags = m->key.proto == IPPROTO_TCP ? RTE_TCP_SYN_FLAG : 0;

		m->key.sport = rte_cpu_to_be_16((uint16_t)(40000 + i / 20000));
		m->key.dport = rte_cpu_to_be_16((uint16_t)(443 + i % 20000));
		s = state_admit6(m->w->state, &m->key, flags, FAKE_NOW_SEC, &made, &why);
		must(s, "admit");
		state_touch(m->w->state, s, flags, true, FAKE_NOW_SEC);
	}
	return true;
}

static bool
refused_run(void *owner, struct mail *mail)
{
	struct fake_mail *m = (struct fake_mail *)mail;
	enum drop_reason why;
	bool made;

	for (unsigned int i = 0; i < m->n; i++) {
		m->key.sport = rte_cpu_to_be_16((uint16_t)(1 + i));
		state_admit6(m->w->state, &m->key, 0, FAKE_NOW_SEC, &made, &why);
	}
	return true;
}

static void
admit(struct gateway *gw, unsigned int i, uint16_t client, uint8_t proto, unsigned int n,
	bool (*run)(void *owner, struct mail *mail))
{
	struct fake_mail m = {.mail.run = run, .w = gw->worker[i], .n = n};

	addr6_parse("2001:db8:1::", &m.key.src6);
	m.key.src6.s6_addr[14] = (uint8_t)(client >> 8);
	m.key.src6.s6_addr[15] = (uint8_t)client;
	addr4_parse("198.51.100.7", (struct in_addr *)&m.key.dst4);
	m.key.proto = proto;
	must(mailbox_call(&m.w->mailbox, &m.mail) == 0, "mail");
}

void
fake_sessions(struct gateway *gw, unsigned int i, uint16_t client, unsigned int n)
{
	admit(gw, i, client, IPPROTO_UDP, n, admit_run);
}

void
fake_refused(struct gateway *gw, unsigned int i, uint16_t client, unsigned int n)
{
	admit(gw, i, client, IPPROTO_UDP, FAKE_QUOTA_BINDINGS / 2 + n, refused_run);
}

void
fake_tcp_session(struct gateway *gw, unsigned int i, uint16_t client)
{
	admit(gw, i, client, IPPROTO_TCP, 1, admit_run);
}

struct worker_stats *
fake_stats(struct gateway *gw, unsigned int i)
{
	return &gw->worker[i]->stats;
}

struct dns64 *
fake_dns64(struct gateway *gw)
{
	return &gw->dns->dns64;
}
