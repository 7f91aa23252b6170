// SPDX-License-Identifier: BSD-3-Clause
// The gateway of the packet tests: LAN (port 0), WAN (port 1) and a second LAN (port 2), known
// neighbours, and rows of a packet in and what has to come out.
//
// Names that stand for addresses: "C" and "D" the clients on the two LANs, "T" the pool address,
// "GW6" and "GW4" the gateway's own on LAN and WAN, "@1.2.3.4" that address under the NAT64 prefix
// of the run. Everything else is an address. Ports A_PORT(i) are those that the gateway allocated,
// numbered as the test met them.
#ifndef TESTS_PACKETS_ENV_H
#define TESTS_PACKETS_ENV_H

#include "build.h"

#include "app/worker.h"
#include "common/fixture.h"

// cmocka wants these first
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#define LAN       0
#define WAN       1
#define LAN2      2
#define NOWHERE   9 // nothing comes out
#define A_PORT(i) (64990 + (i))
#define A_PORTS   8

struct step {
	const char *id;
	uint8_t in;
	struct spec send;
	uint8_t out;
	struct spec want;
	uint16_t dropped;       // by DROPS(); 0: nothing is dropped
	uint32_t wait_ms;       // before it
	const char *one_prefix; // by ONE_PREFIX()
};
#define DROPS(reason) .dropped = DROP_##reason + 1
// Every row runs with both of the usual prefixes; one that is about one of them says why.
#define ONE_PREFIX(why) .one_prefix = why

struct env {
	struct fixture f;
	const char *prefix; // text of the NAT64 prefix of the run
	uint16_t port[A_PORTS];
	unsigned int received; // frames; the next one goes to this worker, modulo their number
	uint8_t *last;         // L3 of the last frame taken
	uint16_t last_len;
};
extern struct env env;

// The usual prefixes, checksum-neutral and not (T2), and then one of each other length.
#define WKP "64:ff9b::/96"
#define NSP "2001:db8:64::/96"
extern const char *const env_prefixes[];
extern const unsigned int env_n_prefixes;

extern const uint8_t env_mac_client[6], env_mac_router[6], env_mac_client2[6];

// What is not as usual in a gateway; all 0 is the usual one with a pool of the address T.
struct env_setup {
	const char *nat64; // YAML lines of "nat64:", with two spaces in front
	const char *extra; // YAML lines of top level
	unsigned int lan_mtu, wan_mtu;
	bool no_gateway4;
	const char *workers; // list of CPUs, "0, 0" for two workers
};

// Starts the gateway; setup NULL: the usual one. Neighbours are known.
void env_start(const char *prefix, const struct env_setup *setup);
// As env_start from a whole YAML text and without neighbours.
void env_start_yaml(const char *prefix, const char *yaml);
// Checks that counters balance, that the state is sound and that all packet buffers are back.
void env_stop(void);
// What env_stop checks of a gateway that goes on.
void env_check(void);

// The frame of a packet that arrives on port, from the neighbour there.
uint16_t env_frame(struct frame *f, unsigned int port, const struct spec *s);
// It arrives at one worker after the other.
void env_send(unsigned int port, const struct spec *s);
// A frame that this worker receives, in a buffer that ends where the frame does, so that a
// sanitizer sees each byte that is read behind it. In front is what the translation of ICMP errors
// wants.
void env_input_exact(unsigned int worker, unsigned int port, const uint8_t *frame, uint16_t len);
// The next frame on the port is this packet (hop limit 63 if it does not say); its IPv4
// Identification and the header checksum may differ, the latter has to be right.
void env_expect(const char *id, unsigned int port, const struct spec *want);
void env_expect_none(const char *id);
// The allocated port that the packet ip has where want names one for the first time.
void env_learn(const struct spec *want, const uint8_t *ip);
// The neighbour's on the port.
const uint8_t *env_mac_of(unsigned int port);
// Packets of the kind that left by the port with any content; the last one is in env.last.
bool env_take(unsigned int port);

void env_run(const struct step *steps, unsigned int n);
// The same in a gateway of its own for each prefix.
void env_run_prefixes(const struct step *steps, unsigned int n);
#define RUN(steps) env_run_prefixes(steps, sizeof(steps) / sizeof(*(steps)))
// The same with these lines of "nat64:" beside the usual ones, two spaces in front.
void env_run_with(const char *nat64, const struct step *steps, unsigned int n);
#define RUN_WITH(nat64, steps) env_run_with(nat64, steps, sizeof(steps) / sizeof(*(steps)))
// The same in gateways of one, two and four workers, whoever receives what. nat64: all lines of
// "nat64:", ENV_POOL first.
#define ENV_POOL \
	"  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n" \
	"  max_sessions: 1024\n"
void env_run_all(const char *nat64, const struct step *steps, unsigned int n);
#define RUN_ALL(nat64, steps) env_run_all(nat64, steps, sizeof(steps) / sizeof(*(steps)))
extern const char *const env_workers[3]; // the lists of CPUs
// Says how many different rows were run, each counted once however often it ran, and how many of
// them with 2001:db8:64::/96. Names those that ran with one of WKP and NSP only and do not say why,
// or say why and ran with both; their number.
unsigned int env_report_rows(void);

// Number of sessions and bindings over all workers.
uint32_t env_sessions(void);
uint32_t env_bibs(void);
uint64_t env_drops(enum drop_reason why);

// A test that runs once with each of the usual prefixes, which it finds in *state.
#define WITH_BOTH(test) \
	{#test " " WKP, test, NULL, NULL, (void *)(uintptr_t)WKP}, \
	{ \
#test " " NSP, test, NULL, NULL, (void *)(uintptr_t)NSP \
	}

// main of a test program: EAL once, then the tests.
#define ENV_MAIN(...) ENV_MAIN_AROUND(NULL, NULL, __VA_ARGS__)
// The same with functions that cmocka calls before and after all of them.
#define ENV_MAIN_AROUND(before, after, ...) \
	int main(void) \
	{ \
		const struct CMUnitTest tests[] = {__VA_ARGS__}; \
\
		int failed; \
		unsigned int wrong; \
\
		fixture_eal(384); \
		failed = cmocka_run_group_tests(tests, before, after); \
		wrong = env_report_rows(); \
		return failed || wrong; \
	}

#endif
