// SPDX-License-Identifier: BSD-3-Clause
// State files: bytes as they are, and bytes whose checksums are made right, so that what is behind
// them is met too. What is taken is restored into two workers, and leaves a sound state.
// The input: a byte (bit 0: make the checksums right; above it the seconds that passed, as a power
// of two), then the file.
#include "addr/text.h"
#include "common/fixture.h"
#include "state/snapshot_format.h"

#include <stdlib.h>

#define WORKERS 2

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config_nat64 config;
static struct state *st[WORKERS];
static uint32_t now_sec = 10000000;

static void
add_prefix(const char *text)
{
	struct prefix6 p;

	if (prefix6_parse(text, &p) || pref64_init(&config.prefix[config.n_prefix++], &p))
		abort();
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct config_nat64 base = {
		.n_pool4 = 1,
		.timeout = {300, 60, 240, 7200, 6},
		.max_sessions = 64,
		.max_bib = 64,
		.port_hold_sec = 120,
		.port_hold_max = 32,
		.quota.subscriber_len = 64,
		.pairing = PAIRING_SOFT,
	};

	fixture_eal(128);
	config = base;
	add_prefix("64:ff9b::/96");
	add_prefix("2001:db8:64::/96");
	config.pool4[0] = (struct config_pool4){.port_first = 1024, .port_last = 5023};
	addr4_parse("203.0.113.1", &config.pool4[0].first);
	addr4_parse("203.0.113.3", &config.pool4[0].last);
	for (unsigned int i = 0; i < WORKERS; i++) {
		struct state_params p = {.nat64 = &config,
			.worker = i,
			.n_workers = WORKERS,
			.socket_id = SOCKET_ID_ANY};

		st[i] = state_create(&p, NULL);
	}
	return st[0] && st[1] ? 0 : -1;
}

// Makes the checksums right of as much as there is.
static void
seal(uint8_t *file, size_t size)
{
	struct snapshot_header *h = (struct snapshot_header *)file;
	uint64_t sessions, n;
	size_t at = sizeof(*h);

	if (size < sizeof(*h))
		return;
	h->crc = snapshot_header_crc(h, sizeof(*h));
	sessions = rte_le_to_cpu_64(h->n_session);
	for (uint32_t i = 0; at + sizeof(struct snapshot_block) <= size; i++) {
		struct snapshot_block *b = (struct snapshot_block *)(file + at);
		bool first = i < (sessions + SNAPSHOT_RECORDS - 1) / SNAPSHOT_RECORDS;
		size_t len =
			first ? sizeof(struct snapshot_session) : sizeof(struct snapshot_resting);

		n = rte_le_to_cpu_32(b->n);
		at += sizeof(*b);
		if (n > (size - at) / len)
			return;
		b->crc = snapshot_block_crc(b, len);
		at += n * len;
	}
}

static void
end(void *arg, struct session *s)
{
	state_end(arg, s);
}

// Empty again, and time for all ports to have rested.
static void
clear(void)
{
	now_sec += 1000;
	for (unsigned int i = 0; i < WORKERS; i++) {
		struct err err = {""};
		uint32_t cursor = 0;

		if (!state_check(st[i], &err)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
		state_walk_sessions(st[i], &cursor, UINT32_MAX, end, st[i]);
		while (state_expire(st[i], now_sec, 64, NULL, NULL))
			;
	}
	now_sec += 1000;
	for (unsigned int i = 0; i < WORKERS; i++)
		state_expire(st[i], now_sec, 1000, NULL, NULL);
}

static void
restore(const struct snapshot *s, uint8_t control)
{
	const struct snapshot_target to = {
		.nat64 = &config,
		.st = st,
		.n_worker = WORKERS,
		.now_sec = now_sec,
		.passed_sec = (UINT64_C(1) << (control >> 1) % 64) - 1,
	};
	struct snapshot_report report;
	uint64_t sum;

	snapshot_restore(s, &to, &report);
	sum = report.sessions;
	for (unsigned int i = 0; i < SNAPSHOT_LEFT__N; i++)
		sum += report.left[i];
	if (sum != s->n_session)
		abort();
	clear();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot s;
	uint8_t *file;

	if (size < 1)
		return 0;
	file = malloc(size - 1 ? size - 1 : 1); // ends where the input does
	memcpy(file, data + 1, size - 1);
	if (data[0] & 1)
		seal(file, size - 1);
	if (snapshot_check(&s, file, size - 1, NULL) == 0)
		restore(&s, data[0]);
	free(file);
	return 0;
}
