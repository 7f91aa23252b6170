// SPDX-License-Identifier: BSD-3-Clause
// Flows go on after a restart, as far as the file, the time that passed and the configuration
// allow it.
#include "env.h"

#include "app/state_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALL UINT64_C(1800000000)

static char dir[32], path[64], file_yaml[128];

static struct snapshot_times
at(uint64_t wall_sec)
{
	return (struct snapshot_times){
		.now_sec = (uint32_t)(env.f.now_ns / 1000000000), .wall_sec = wall_sec};
}

static void
stop(void)
{
	const struct snapshot_times now = at(WALL);

	fixture_discard(&env.f);
	env_check();
	state_file_save(&env.f.gw, &now);
	env_stop();
}

static const struct restart *
start(const char *prefix, const struct env_setup *setup, uint64_t passed_sec)
{
	uint16_t ports[A_PORTS];
	struct snapshot_times now;

	memcpy(ports, env.port, sizeof(ports));
	env_start(prefix, setup);
	memcpy(env.port, ports, sizeof(ports));
	fixture_turn(&env.f, UINT64_C(1000000) * 1000); // the daemon's clock begins late
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_neighbor(&env.f, LAN2, "2001:db8:2::10", env_mac_client2);
	fixture_discard(&env.f);
	now = at(WALL + passed_sec);
	state_file_read(&env.f.gw, &now);
	state_file_restore(&env.f.gw, &now);
	return env.f.gw.restart;
}

#define A6 UDP6("C", 40000, "@8.8.8.8", 53)
#define A4 UDP4("T", A_PORT(0), "8.8.8.8", 53)
#define B4 UDP4("8.8.8.8", 53, "T", A_PORT(0))
#define B6 UDP6("@8.8.8.8", 53, "C", 40000)
#define T6 TCP6("D", 41000, "@1.2.3.4", 80)
#define T4 TCP4("T", A_PORT(1), "1.2.3.4", 80)
#define U4 TCP4("1.2.3.4", 80, "T", A_PORT(1))
#define U6 TCP6("@1.2.3.4", 80, "D", 41000)

static const struct step before[] = {
	{"UDP out", LAN, {A6}, WAN, {A4}},
	{"UDP in", WAN, {B4}, LAN, {B6}},
	{"TCP SYN", LAN2, {T6}, WAN, {T4}},
	{"TCP SYN ACK", WAN, {U4, .tcp_flags = TCP_SYN | TCP_ACK}, LAN2,
		{U6, .tcp_flags = TCP_SYN | TCP_ACK}},
	{"TCP ACK", LAN2, {T6, .tcp_flags = TCP_ACK}, WAN, {T4, .tcp_flags = TCP_ACK}},
	{"echo", LAN, {PING6("C", "@8.8.8.8", 7)}, WAN, {PING4("T", "8.8.8.8", A_PORT(2))}},
	{"another client, closed", LAN, {TCP6("2001:db8:1::77", 42000, "@1.2.3.4", 80)}, WAN,
		{TCP4("T", A_PORT(3), "1.2.3.4", 80)}},
};

// From both sides, none of them opens anything.
static const struct step tcp_goes_on[] = {
	{"TCP in", WAN, {U4, .tcp_flags = TCP_ACK, .payload = 100}, LAN2,
		{U6, .tcp_flags = TCP_ACK, .payload = 100}},
	{"TCP out", LAN2, {T6, .tcp_flags = TCP_ACK, .payload = 7}, WAN,
		{T4, .tcp_flags = TCP_ACK, .payload = 7}},
};
static const struct step udp_goes_on[] = {
	{"UDP in", WAN, {B4, .payload = 9}, LAN, {B6, .payload = 9}},
	{"UDP out", LAN, {A6, .payload = 9}, WAN, {A4, .payload = 9}},
	{"an error about it", WAN, {ERR4("9.9.9.1", "T", 3, 3), QUOTE(A4)}, LAN,
		{ERR6("@9.9.9.1", "C", 1, 4), QUOTE(A6)}},
};
static const struct step echo_goes_on[] = {
	{"echo", WAN, {PONG4("8.8.8.8", "T", A_PORT(2))}, LAN, {PONG6("@8.8.8.8", "C", 7)}},
};
static const struct step same_binding[] = {
	{"N64-BIB-12 another remote", LAN, {UDP6("C", 40000, "@9.9.9.9", 53)}, WAN,
		{UDP4("T", A_PORT(0), "9.9.9.9", 53)}},
};
static const struct step udp_is_gone[] = {
	{"UDP in", WAN, {B4}, NOWHERE, DROPS(NO_SESSION4)},
};
static const struct step tcp_is_gone[] = {
	{"TCP out", LAN2, {T6, .tcp_flags = TCP_ACK}, NOWHERE, DROPS(TCP_NO_SESSION)},
};
#define ROWS(steps) env_run(steps, RTE_DIM(steps))

static struct env_setup
usual(const char *workers)
{
	return (struct env_setup){.workers = workers, .extra = file_yaml};
}

static void
stop_with_flows(const char *prefix, const struct env_setup *setup)
{
	unlink(path);
	env_start(prefix, setup);
	ROWS(before);
	stop();
}

static void
flows_go_on(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2, 3"};

	for (unsigned int i = 0; i < env_n_prefixes; i++)
		for (unsigned int k = 0; k < RTE_DIM(workers); k++) {
			const struct env_setup setup = usual(workers[k]);
			const struct restart *r;

			stop_with_flows(env_prefixes[i], &setup);
			r = start(env_prefixes[i], &setup, 30);
			assert_int_equal(r->outcome, RESTART_RESTORED);
			assert_int_equal(r->report.sessions, 4);
			ROWS(tcp_goes_on);
			ROWS(udp_goes_on);
			ROWS(echo_goes_on);
			ROWS(same_binding);
			assert_int_equal(env_bibs(), 4);
			env_stop();
		}
}

// A second time: what was restored is saved like anything else.
static void
flows_go_on_again(void **state)
{
	const struct env_setup setup = usual("0, 1");

	stop_with_flows(*state, &setup);
	for (unsigned int i = 0; i < 3; i++) {
		start(*state, &setup, 30);
		ROWS(tcp_goes_on);
		ROWS(udp_goes_on);
		stop();
	}
}

static void
time_passes_while_it_is_down(void **state)
{
	const struct env_setup setup = usual("0");
	const struct restart *r;

	for (unsigned int i = 0; i < 2; i++) {
		stop_with_flows(env_prefixes[i], &setup);
		r = start(env_prefixes[i], &setup, 250); // not UDP's 300 s
		assert_int_equal(r->report.left[SNAPSHOT_EXPIRED], 2);
		assert_int_equal(env_sessions(), 2);
		ROWS(udp_goes_on);
		stop();
		r = start(env_prefixes[i], &setup, 301);
		ROWS(udp_is_gone);
		ROWS(tcp_goes_on);
		env_stop();
	}
}

// A clock that was set back tells nothing: no time has passed.
static void
the_clock_was_set_back(void **state)
{
	const struct env_setup setup = usual("0");
	const struct restart *r;

	stop_with_flows(*state, &setup);
	r = start(*state, &setup, -UINT64_C(100000));
	assert_int_equal(r->outcome, RESTART_RESTORED);
	assert_int_equal(r->set_back_sec, 100000);
	assert_int_equal(r->passed_sec, 0);
	assert_int_equal(env_sessions(), 4);
	ROWS(udp_goes_on);
	env_stop();
}

static void
an_old_file_is_refused(void **state)
{
	const struct env_setup setup = usual("0");
	const struct restart *r;

	stop_with_flows(*state, &setup);
	r = start(*state, &setup, 7200 + 240 + 2);
	assert_int_equal(r->outcome, RESTART_REFUSED);
	assert_non_null(strstr(r->why, "7442 s old"));
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

// ---- another configuration

static void
allowed_no_more(const char *from, const char *to, const char *nat64, enum snapshot_left why)
{
	const struct env_setup setup = usual("0");
	struct env_setup other = setup;
	const struct restart *r;

	other.nat64 = nat64;
	stop_with_flows(from, &setup);
	r = start(to, &other, 1);
	assert_int_equal(r->outcome, RESTART_RESTORED);
	assert_int_equal(r->report.sessions, 0);
	assert_int_equal(r->report.left[why], 4);
	ROWS(tcp_is_gone);
	env_stop();
}

static void
what_is_not_configured_is_not_restored(void **state)
{
	static const char two[] = "  pool4: [{address: 5.6.7.64, clients: ['2001:db8:2::/64']}, "
				  "{address: 5.6.7.65}]\n";
	const struct env_setup setup = usual("0");
	struct env_setup other = setup;
	const struct restart *r;

	allowed_no_more(*state, *state, "  pool4: [{address: 5.6.7.65}]\n", SNAPSHOT_POOL);
	allowed_no_more(*state, "2001:db8:65::/96", NULL, SNAPSHOT_PREFIX);
	// the addresses of half of the clients
	other.nat64 = two;
	stop_with_flows(*state, &setup);
	r = start(*state, &other, 1);
	assert_int_equal(r->report.left[SNAPSHOT_POOL], 3);
	ROWS(tcp_goes_on);
	ROWS(udp_is_gone);
	env_stop();
}

// What the policy says of addresses: a destination that is not global any more, a client that is
// behind no LAN port any more.
static void
policy_has_the_last_word(void **state)
{
	static const struct {
		const char *before, *after;
		const char *client, *server;
	} row[] = {
		{"  wkp_allow: private\n", "  wkp_allow: none\n", "C", "@10.1.2.3"},
		{"  wkp_allow: all\n", "  wkp_allow: private\n", "C", "@192.0.2.1"},
	};

	for (unsigned int i = 0; i < RTE_DIM(row); i++) {
		char text[2][128];
		struct env_setup setup = usual("0"), other = setup;
		const struct spec s = {UDP6(row[i].client, 40000, row[i].server, 53)};
		const struct restart *r;

		snprintf(text[0], sizeof(text[0]), "  pool4: [{address: 5.6.7.64}]\n%s",
			row[i].before);
		snprintf(text[1], sizeof(text[1]), "  pool4: [{address: 5.6.7.64}]\n%s",
			row[i].after);
		setup.nat64 = text[0];
		other.nat64 = text[1];
		env_start(WKP, &setup);
		env_send(LAN, &s);
		assert_true(env_take(WAN));
		stop();
		r = start(WKP, &setup, 1);
		assert_int_equal(r->report.sessions, 1);
		stop();
		r = start(WKP, &other, 1);
		assert_int_equal(r->report.left[SNAPSHOT_POLICY], 1);
		assert_int_equal(env_sessions(), 0);
		env_stop();
	}
}

static void
a_client_that_is_outside_now(void **state)
{
	static const char route[] =
		"routes: [{prefix: '2001:db8:7::/48', via: '2001:db8:1::10'}]\n";
	const struct spec s = {UDP6("2001:db8:7::1", 40000, "@8.8.8.8", 53)};
	struct env_setup setup = usual("0"), other = setup;
	const struct restart *r;
	char extra[256];

	snprintf(extra, sizeof(extra), "%s%s", file_yaml, route);
	setup.extra = extra;
	env_start(*state, &setup);
	env_send(LAN, &s);
	assert_true(env_take(WAN));
	stop();
	r = start(*state, &other, 1);
	assert_int_equal(r->report.left[SNAPSHOT_POLICY], 1);
	env_stop();
}

// N64-MC-01: a flow is restored where both its sides are steered to, or not at all.
static void
n64_mc_01_another_number_of_workers(void **state)
{
	static const char *const workers[] = {"0", "0, 1", "0, 1, 2"};

	for (unsigned int i = 0; i < 9; i++) {
		const struct env_setup was = usual(workers[i / 3]), is = usual(workers[i % 3]);
		const struct restart *r;

		stop_with_flows(*state, &was);
		r = start(*state, &is, 1);
		assert_int_equal(r->n_worker, i / 3 + 1);
		assert_int_equal(r->report.sessions + r->report.left[SNAPSHOT_WORKER], 4);
		if (i % 3 == 0 || i / 3 == i % 3) {
			assert_int_equal(r->report.sessions, 4);
			ROWS(tcp_goes_on);
			ROWS(udp_goes_on);
		}
		env_stop();
	}
}

// ---- the file

static long
file_len(void)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static void
write_at(const char *name, long offset, const void *bytes, size_t len)
{
	FILE *f = fopen(name, offset < 0 ? "w" : "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, offset < 0 ? 0 : offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static const struct restart *
start_refused(const char *why)
{
	const struct env_setup setup = usual("0");
	const struct restart *r = start(WKP, &setup, 1);

	assert_int_equal(r->outcome, RESTART_REFUSED);
	if (!strstr(r->why, why))
		fail_msg("'%s' and not '%s'", r->why, why);
	assert_int_equal(env_sessions(), 0);
	ROWS(udp_is_gone);
	state_file_used(&env.f.gw);
	assert_true(file_len() >= 0); // to be looked at
	env_stop();
	return r;
}

static void
a_file_that_is_not_right_is_refused(void **state)
{
	const struct env_setup setup = usual("0");
	long len;

	stop_with_flows(WKP, &setup);
	len = file_len();
	assert_true(len > 400);
	write_at(path, len - 10, "?", 1);
	start_refused("is damaged");
	stop_with_flows(WKP, &setup);
	assert_int_equal(truncate(path, len - 1), 0);
	start_refused("bytes and should have");
	assert_int_equal(truncate(path, 0), 0);
	start_refused("no state file of gate64");
	write_at(path, -1, "# a letter\n", 11);
	start_refused("no state file of gate64");
	stop_with_flows(WKP, &setup);
	assert_int_equal(chmod(path, 0666), 0);
	start_refused("others may write to it");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	start_refused("it is no file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	start_refused("it is no file");
}

// What is not ours stays as it is, whatever the file of the configuration says.
static void
a_foreign_file_is_not_replaced(void **state)
{
	const struct env_setup setup = usual("0");
	char text[16] = "";
	FILE *f;

	unlink(path);
	write_at(path, -1, "# a letter\n", 11);
	env_start(*state, &setup);
	ROWS(before);
	stop();
	f = fopen(path, "r");
	assert_int_equal(fread(text, 1, sizeof(text), f), 11);
	fclose(f);
	assert_string_equal(text, "# a letter\n");
}

static void
the_file_is_private_and_used_once(void **state)
{
	const struct env_setup setup = usual("0");
	struct stat st;

	stop_with_flows(*state, &setup);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	start(*state, &setup, 1);
	assert_true(file_len() > 0); // until it runs
	state_file_used(&env.f.gw);
	assert_int_equal(file_len(), -1);
	env_stop();
	assert_int_equal(start(*state, &setup, 1)->outcome, RESTART_NO_FILE);
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

static void
without_a_file(void **state)
{
	static const struct env_setup off = {.extra = "state_file: none\n"};

	unlink(path);
	env_start(*state, &off);
	ROWS(before);
	stop();
	assert_int_equal(file_len(), -1);
	assert_int_equal(start(*state, &off, 1)->outcome, RESTART_OFF);
	assert_int_equal(env_sessions(), 0);
	env_stop();
}

static int
make_dir(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/gate64-restart-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/x.state", dir);
	snprintf(file_yaml, sizeof(file_yaml), "state_file: %s\n", path);
	return 0;
}

static int
remove_dir(void **state)
{
	unlink(path);
	return rmdir(dir);
}

ENV_MAIN_AROUND(make_dir, remove_dir, cmocka_unit_test(flows_go_on), WITH_BOTH(flows_go_on_again),
	cmocka_unit_test(time_passes_while_it_is_down), WITH_BOTH(the_clock_was_set_back),
	WITH_BOTH(an_old_file_is_refused), WITH_BOTH(what_is_not_configured_is_not_restored),
	cmocka_unit_test(policy_has_the_last_word), WITH_BOTH(a_client_that_is_outside_now),
	WITH_BOTH(n64_mc_01_another_number_of_workers),
	cmocka_unit_test(a_file_that_is_not_right_is_refused),
	WITH_BOTH(a_foreign_file_is_not_replaced), WITH_BOTH(the_file_is_private_and_used_once),
	WITH_BOTH(without_a_file))
