// SPDX-License-Identifier: BSD-3-Clause
#include "env.h"

#include "addr/text.h"
#include "state/state.h"

#include <stdio.h>
#include <stdlib.h>

struct env env;

const char *const env_prefixes[] = {
	WKP,
	NSP,
	"2001:db9::/32",
	"2001:db9:100::/40",
	"2001:db9:122::/48",
	"2001:db9:122:300::/56",
	"2001:db9:122:344::/64",
};
const unsigned int env_n_prefixes = RTE_DIM(env_prefixes);

const uint8_t env_mac_client[6] = {2, 0xaa, 0, 0, 0, 0x10};
const uint8_t env_mac_router[6] = {2, 0xbb, 0, 0, 0, 0x01};
const uint8_t env_mac_client2[6] = {2, 0xcc, 0, 0, 0, 0x10};

static const uint8_t *const peer_mac[] = {env_mac_client, env_mac_router, env_mac_client2};

const uint8_t *
env_mac_of(unsigned int port)
{
	return peer_mac[port];
}

// lan_mtu, wan_mtu, the WAN's gateway
#define PORTS_YAML \
	"ports:\n" \
	"  - {name: lan, device: net_null0, role: lan, mtu: %u, " \
	"addresses: ['2001:db8:1::1/64', '192.168.1.1/24']}\n" \
	"  - {name: wan, device: net_null1, role: wan, mtu: %u, addresses: [5.6.7.2/24]%s}\n" \
	"  - {name: lan2, device: net_null2, role: lan, addresses: ['2001:db8:2::1/64']}\n"

static const char pool_yaml[] = ENV_POOL "  max_bib: 512\n";

// ---- names

// RFC 6052 §2.2, written out: octets of the IPv4 address go behind the prefix, but never to octet 8
static void
compose(const char *text4, uint8_t *out)
{
	char prefix[64];
	unsigned int len, at;
	uint8_t v4[4];

	assert_int_equal(inet_pton(AF_INET, text4, v4), 1);
	snprintf(prefix, sizeof(prefix), "%s", env.prefix);
	len = (unsigned int)strtoul(strchr(prefix, '/') + 1, NULL, 10);
	*strchr(prefix, '/') = '\0';
	assert_int_equal(inet_pton(AF_INET6, prefix, out), 1);
	at = len / 8;
	for (unsigned int i = 0; i < 4; i++) {
		if (at == 8)
			at++;
		out[at++] = v4[i];
	}
}

void
build_addr(int family, const char *text, uint8_t *out)
{
	static const char *const names[][2] = {
		{"C", "2001:db8:1::10"},
		{"D", "2001:db8:2::10"},
		{"T", "5.6.7.64"},
		{"GW6", "2001:db8:1::1"},
		{"GW4", "5.6.7.2"},
	};

	if (text[0] == '@') {
		compose(text + 1, out);
		return;
	}
	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (strcmp(names[i][0], text) == 0)
			text = names[i][1];
	if (inet_pton(family == 6 ? AF_INET6 : AF_INET, text, out) != 1)
		fail_msg("no address of family %d: %s", family, text);
}

uint16_t
build_port(uint16_t port)
{
	return port >= A_PORT(0) && port < A_PORT(A_PORTS) ? env.port[port - A_PORT(0)] : port;
}

// ---- start and stop

void
env_start_yaml(const char *prefix, const char *yaml)
{
	memset(&env, 0, sizeof(env));
	env.prefix = prefix;
	fixture_start_yaml(&env.f, yaml, 1024);
}

void
env_start(const char *prefix, const struct env_setup *setup)
{
	static const struct env_setup usual;
	const struct env_setup *e = setup ? setup : &usual;
	char yaml[4096];

	snprintf(yaml, sizeof(yaml),
		PORTS_YAML "nat64:\n  prefixes: ['%s']\n%slcores: {workers: [%s]}\n"
			   "memory: {neighbors: 256}\n%s",
		e->lan_mtu ? e->lan_mtu : 1500, e->wan_mtu ? e->wan_mtu : 1500,
		e->no_gateway4 ? "" : ", gateway4: 5.6.7.1", prefix,
		e->nat64 ? e->nat64 : pool_yaml, e->workers ? e->workers : "0",
		e->extra ? e->extra : "");
	env_start_yaml(prefix, yaml);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, LAN, "192.168.1.10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_neighbor(&env.f, LAN2, "2001:db8:2::10", env_mac_client2);
	fixture_discard(&env.f);
}

void
env_check(void)
{
	struct err err = {.text = ""};

	assert_true(fixture_balanced(&env.f));
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		if (!state_check(env.f.gw.worker[i]->state, &err))
			fail_msg("state: %s", err.text);
}

void
env_stop(void)
{
	env_check();
	assert_int_equal(fixture_stop(&env.f), 0);
}

// ---- frames

uint16_t
env_frame(struct frame *f, unsigned int port, const struct spec *s)
{
	f->len = build_ether(f->b, env.f.gw.port[port].mac.addr_bytes, peer_mac[port],
		s->family == 6 ? 0x86dd : 0x0800);
	f->len = (uint16_t)(f->len + build_ip(f->b + 14, s, BUILD_TTL));
	return f->len;
}

void
env_send(unsigned int port, const struct spec *s)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(env.f.gw.pool);
	struct frame f;

	assert_non_null(m);
	env_frame(&f, port, s);
	memcpy(rte_pktmbuf_append(m, f.len), f.b, f.len);
	fixture_input_mbuf(&env.f, env.received++ % env.f.gw.n_worker, port, m);
}

static void
free_buffer(void *addr, void *arg)
{
	free(arg);
}

void
env_input_exact(unsigned int worker, unsigned int port, const uint8_t *frame, uint16_t len)
{
	const uint16_t room = RTE_MAX(128, 1294 - len);
	uint8_t *buf = malloc(sizeof(struct rte_mbuf_ext_shared_info) + room + len);
	struct rte_mbuf_ext_shared_info *info = (void *)buf;
	struct rte_mbuf *m = rte_pktmbuf_alloc(env.f.gw.pool);

	assert_non_null(buf);
	assert_non_null(m);
	info->free_cb = free_buffer;
	info->fcb_opaque = buf;
	rte_mbuf_ext_refcnt_set(info, 1);
	rte_pktmbuf_attach_extbuf(m, buf + sizeof(*info), 0, (uint16_t)(room + len), info);
	m->data_off = room;
	m->data_len = len;
	m->pkt_len = len;
	memcpy(rte_pktmbuf_mtod(m, void *), frame, len);
	fixture_input_mbuf(&env.f, worker, port, m);
}

bool
env_take(unsigned int port)
{
	static uint8_t buf[FRAME_ROOM];
	uint16_t len = fixture_take(&env.f, port, buf, sizeof(buf));

	if (len <= 14)
		return false;
	env.last = buf + 14;
	env.last_len = len - 14;
	return true;
}

// The port that the packet has where the wanted one names an allocated one for the first time.
void
env_learn(const struct spec *want, const uint8_t *ip)
{
	bool icmp = want->proto == 1 || want->proto == 58;
	uint16_t name = icmp ? want->id : want->sport;
	const uint8_t *l4 = ip + (want->family == 6 ? 40 : (ip[0] & 15) * 4);

	if (name < A_PORT(0) || name >= A_PORT(A_PORTS) || env.port[name - A_PORT(0)])
		return;
	env.port[name - A_PORT(0)] = get16(icmp ? l4 + 4 : l4);
}

static void
mask_id(uint8_t *ip)
{
	if (build_fold(build_sum(ip, (ip[0] & 15) * 4u, 0)) != 0xffff)
		fail_msg("the IPv4 header checksum is wrong");
	put16(ip + 4, 0);
	build_ip4_csum(ip);
}

// The quote of an ICMPv4 error has an Identification of its own, which the ICMP checksum covers.
static void
mask_quote(uint8_t *ip, uint16_t len)
{
	uint8_t *icmp = ip + (ip[0] & 15) * 4;
	uint16_t n = (uint16_t)(len - (icmp - ip));

	if (ip[9] != 1 || (icmp[0] != 3 && icmp[0] != 11 && icmp[0] != 12))
		return;
	if (build_fold(build_sum(icmp, n, 0)) != 0xffff)
		fail_msg("the ICMP checksum is wrong");
	mask_id(icmp + 8);
	put16(icmp + 2, 0);
	put16(icmp + 2, (uint16_t)~build_fold(build_sum(icmp, n, 0)));
}

static void
mask(uint8_t *ip, uint16_t len)
{
	if (ip[0] >> 4 != 4)
		return;
	mask_id(ip);
	mask_quote(ip, len);
}

static void
dump(const char *what, const uint8_t *p, uint16_t n)
{
	fprintf(stderr, "%s (%u bytes):", what, n);
	for (uint16_t i = 0; i < RTE_MIN(n, 160); i++)
		fprintf(stderr, "%s%02x", i % 16 ? " " : "\n  ", p[i]);
	fputc('\n', stderr);
}

void
env_expect(const char *id, unsigned int port, const struct spec *want)
{
	uint8_t got[FRAME_ROOM], ip[FRAME_ROOM];
	uint16_t len = fixture_take(&env.f, port, got, sizeof(got)), want_len;

	if (len <= 14)
		fail_msg("%s: nothing was sent on port %u", id, port);
	env_learn(want, got + 14);
	want_len = build_ip(ip, want, BUILD_TTL - 1);
	mask(got + 14, len - 14);
	mask(ip, want_len);
	if (len - 14 != want_len || memcmp(got + 14, ip, want_len)) {
		dump("got", got + 14, len - 14);
		dump("want", ip, want_len);
		fail_msg("%s (%s): another packet than expected", id, env.prefix);
	}
	assert_memory_equal(got, peer_mac[port], 6);
	assert_memory_equal(got + 6, env.f.gw.port[port].mac.addr_bytes, 6);
	assert_int_equal(get16(got + 12), want->family == 6 ? 0x86dd : 0x0800);
}

void
env_expect_none(const char *id)
{
	uint8_t b[FRAME_ROOM];
	uint16_t len;

	for (unsigned int i = 0; i < env.f.gw.n_port; i++) {
		len = fixture_take(&env.f, i, b, sizeof(b));
		if (!len)
			continue;
		dump("got", b, len);
		fail_msg("%s (%s): a frame on port %u that nobody expects", id, env.prefix, i);
	}
}

// ---- rows

static void
check_drops(const char *id, const struct worker_stats *before, uint16_t dropped)
{
	const struct worker_stats now = fixture_stats(&env.f);

	for (unsigned int i = 0; i < DROP__N; i++)
		if (now.drop[i] - before->drop[i] != (i + 1 == dropped))
			fail_msg("%s (%s): %s counted %lu times", id, env.prefix, drop_name[i],
				now.drop[i] - before->drop[i]);
}

// A table on the stack may lie where another one lay, but its texts do not.
static struct row {
	const struct step *step;
	const char *id, *one_prefix;
	bool wkp, nsp;
} rows[4096];
static unsigned int n_rows;

// The gateway has this NAT64 prefix now.
static bool
has_prefix(const char *text)
{
	const struct config *c = &env.f.gw.plan->config;
	struct prefix6 p;
	struct pref64 want;

	assert_int_equal(prefix6_parse(text, &p), 0);
	assert_int_equal(pref64_init(&want, &p), 0);
	for (unsigned int i = 0; i < c->nat64.n_prefix; i++)
		if (memcmp(&c->nat64.prefix[i], &want, sizeof(want)) == 0)
			return true;
	return false;
}

static void
count_row(const struct step *s)
{
	unsigned int i = 0;

	while (i < n_rows && (rows[i].step != s || rows[i].id != s->id))
		i++;
	if (i == n_rows) {
		assert_in_range(n_rows, 0, RTE_DIM(rows) - 1);
		rows[n_rows++] = (struct row){.step = s, .id = s->id, .one_prefix = s->one_prefix};
	}
	rows[i].wkp |= has_prefix(WKP);
	rows[i].nsp |= has_prefix(NSP);
}

unsigned int
env_report_rows(void)
{
	unsigned int nsp = 0, excused = 0, wrong = 0;

	for (unsigned int i = 0; i < n_rows; i++) {
		const struct row *r = &rows[i];
		bool both = r->wkp && r->nsp;

		nsp += r->nsp;
		excused += r->one_prefix != NULL;
		if (both == !r->one_prefix)
			continue;
		printf("row \"%s\": runs with %s, %s\n", r->id,
			both     ? "both prefixes"
			: r->nsp ? NSP " only"
			: r->wkp ? WKP " only"
				 : "another prefix only",
			r->one_prefix ? r->one_prefix : "and does not say why");
		wrong++;
	}
	printf("[   ROWS   ] %u, %u with " NSP ", %u for one prefix\n", n_rows, nsp, excused);
	return wrong;
}

void
env_run(const struct step *steps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		struct worker_stats before;

		count_row(s);
		if (s->wait_ms)
			fixture_turn(&env.f, s->wait_ms);
		fixture_discard(&env.f);
		before = fixture_stats(&env.f);
		env_send(s->in, &s->send);
		if (s->out != NOWHERE)
			env_expect(s->id, s->out, &s->want);
		env_expect_none(s->id);
		check_drops(s->id, &before, s->dropped);
	}
}

void
env_run_with(const char *nat64, const struct step *steps, unsigned int n)
{
	char lines[1024];
	const struct env_setup setup = {.nat64 = lines};

	snprintf(lines, sizeof(lines), "%s%s", pool_yaml, nat64);
	for (unsigned int i = 0; i < env_n_prefixes; i++) {
		env_start(env_prefixes[i], &setup);
		env_run(steps, n);
		env_stop();
	}
}

void
env_run_prefixes(const struct step *steps, unsigned int n)
{
	env_run_with("", steps, n);
}

const char *const env_workers[3] = {"0", "0, 1", "0, 1, 2, 3"};

void
env_run_all(const char *nat64, const struct step *steps, unsigned int n)
{
	for (unsigned int i = 0; i < env_n_prefixes; i++)
		for (unsigned int k = 0; k < RTE_DIM(env_workers); k++) {
			const struct env_setup setup = {.nat64 = nat64, .workers = env_workers[k]};

			env_start(env_prefixes[i], &setup);
			env.received = i;
			env_run(steps, n);
			env_stop();
		}
}

// ---- state

static struct state_stats
sum_stats(void)
{
	struct state_stats sum = {.clients = 0}, s;

	for (unsigned int i = 0; i < env.f.gw.n_worker; i++) {
		state_stats(env.f.gw.worker[i]->state, &s);
		for (unsigned int j = 0; j < RTE_DIM(s.sessions); j++) {
			sum.sessions[j] += s.sessions[j];
			sum.bibs[j] += s.bibs[j];
		}
	}
	return sum;
}

uint32_t
env_sessions(void)
{
	const struct state_stats s = sum_stats();

	return s.sessions[STATE_UDP] + s.sessions[STATE_TCP] + s.sessions[STATE_ICMP];
}

uint32_t
env_bibs(void)
{
	const struct state_stats s = sum_stats();

	return s.bibs[STATE_UDP] + s.bibs[STATE_TCP] + s.bibs[STATE_ICMP];
}

uint64_t
env_drops(enum drop_reason why)
{
	return fixture_stats(&env.f).drop[why];
}
