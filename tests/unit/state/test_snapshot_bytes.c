// SPDX-License-Identifier: BSD-3-Clause
// Bytes that are not exactly what was saved are refused, and no bytes do harm.
#include "snapshot_util.h"

static bool
refused(const uint8_t *bytes, size_t len, struct err *err)
{
	// a copy that ends where the bytes do, so that a sanitizer sees what is read behind them
	uint8_t *copy = malloc(len ? len : 1);
	struct snapshot s;
	int ret;

	memcpy(copy, bytes, len);
	ret = snapshot_check(&s, copy, len, err);
	free(copy);
	assert_true(ret == 0 || ret == -EINVAL);
	return ret != 0;
}

static struct shot
small(void)
{
	struct config_nat64 c = some_config(PAIRING_STRICT);
	struct state *st = fixture_state(&c);
	struct shot s;

	for (uint16_t i = 0; i < 4; i++)
		fixture_admit(st, fixture_key(i & 1 ? UDP : TCP, i, 2000, 1, 53), START);
	state_end(st, fixture_admit(st, fixture_key(UDP, 9, 2000, 1, 53), START));
	s = save(&st, &c, 1, START);
	assert_int_equal(s.snapshot.n_session, 4);
	assert_int_equal(s.snapshot.n_resting, 1);
	state_free(st);
	return s;
}

static void
every_changed_bit_is_noticed(void **state)
{
	struct shot s = small();

	for (size_t i = 0; i < s.len * 8; i++) {
		struct err err = {""};

		s.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_true(refused(s.bytes, s.len, &err));
		assert_true(strlen(err.text) > 10);
		s.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	check_right(&s);
	free(s.bytes);
}

static void
every_other_length_is_noticed(void **state)
{
	struct shot s = small();
	struct err err = {""};
	uint8_t *longer = calloc(1, s.len + 1);

	for (size_t len = 0; len < s.len; len++)
		assert_true(refused(s.bytes, len, &err));
	memcpy(longer, s.bytes, s.len);
	assert_true(refused(longer, s.len + 1, &err));
	free(longer);
	free(s.bytes);
}

static void
seal(struct shot *s)
{
	struct snapshot_header *h = (struct snapshot_header *)s->bytes;
	struct snapshot_block *b = (struct snapshot_block *)(h + 1);

	h->crc = snapshot_header_crc(h, sizeof(*h));
	b->crc = snapshot_block_crc(b, sizeof(struct snapshot_session));
}

// With right checksums too, contents that cannot be are refused.
static void
nonsense_is_noticed(void **state)
{
	struct shot was = small(), s = was;
	struct snapshot_header *h;
	struct snapshot_session *r;
	struct err err = {""};

	s.bytes = malloc(s.len);
	h = (struct snapshot_header *)s.bytes;
	r = (struct snapshot_session *)((struct snapshot_block *)(h + 1) + 1);
#define NONSENSE(change, want) \
	do { \
		memcpy(s.bytes, was.bytes, s.len); \
		change; \
		seal(&s); \
		assert_true(refused(s.bytes, s.len, &err)); \
		if (!strstr(err.text, want)) \
			fail_msg("%s: %s", #change, err.text); \
	} while (0)
	NONSENSE(h->version = rte_cpu_to_le_32(2), "a newer gate64 wrote it (format 2");
	NONSENSE(h->version = 0, "makes no sense");
	NONSENSE(h->magic[0]++, "no state file of gate64");
	NONSENSE(h->n_session = rte_cpu_to_le_64(5), "bytes and should have");
	NONSENSE(h->n_session = rte_cpu_to_le_64(UINT64_MAX), "makes no sense");
	NONSENSE(h->n_resting = rte_cpu_to_le_64(UINT64_C(1) << 63), "makes no sense");
	NONSENSE(h->n_prefix = rte_cpu_to_le_32(CONFIG_PREF64 + 1), "makes no sense");
	NONSENSE(h->n_prefix = 0, "make no sense");
	NONSENSE(h->prefix[0].len = 97, "makes no sense");
	NONSENSE(r->proto = 99, "make no sense");
	NONSENSE(r->proto = IPPROTO_ICMP, "make no sense");
	NONSENSE(r->pref64 = 3, "make no sense");
	NONSENSE(r->client_pref64 = 3, "make no sense");
	NONSENSE(r->bib_pref64 = 3, "make no sense");
	NONSENSE(r->tcp = TCP_STATE__N, "make no sense");
	NONSENSE(r->timer = TIMEOUT__N, "make no sense");
	NONSENSE(r->flags = 0x80, "make no sense");
	free(s.bytes);
	free(was.bytes);
}

// Records that no gateway writes leave a sound state behind.
static void
impossible_records_do_no_harm(void **state)
{
	const struct config_nat64 c = some_config(PAIRING_STRICT);
	struct rand_pool rand = {.left = 0};

	for (unsigned int i = 0; i < 300; i++) {
		struct shot s = small();
		struct snapshot_session *r =
			(struct snapshot_session *)(s.bytes + sizeof(struct snapshot_header) +
						    sizeof(struct snapshot_block));
		struct state *to[2];

		for (unsigned int k = 0; k < 4; k++)
			r[k] = r[rand_below(&rand, 4)]; // the same more than once
		r[0].sport4 = r[1].sport4;
		((uint8_t *)r)[rand_below(&rand, 4 * sizeof(*r))] ^= (uint8_t)rand_u16(&rand);
		seal(&s);
		workers_open(to, &c, 2);
		if (snapshot_check(&s.snapshot, s.bytes, s.len, NULL) == 0)
			restore(&s, to, &c, 2, rand_u16(&rand));
		workers_close(to, 2);
		free(s.bytes);
	}
}

static void
nothing_is_a_snapshot_too(void **state)
{
	const struct config_nat64 c = some_config(PAIRING_STRICT);
	struct state *st = fixture_state(&c);
	struct shot s = save(&st, &c, 1, START);
	struct snapshot_report r = restore(&s, &st, &c, 1, 0);

	assert_int_equal(s.len, sizeof(struct snapshot_header));
	assert_int_equal(r.sessions + r.resting + left_sum(&r), 0);
	assert_true(snapshot_is_one(s.bytes, s.len));
	assert_false(snapshot_is_one(s.bytes, 7));
	assert_false(snapshot_is_one("# /etc/passwd", 13));
	workers_close(&st, 1);
	free(s.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_changed_bit_is_noticed),
		cmocka_unit_test(every_other_length_is_noticed),
		cmocka_unit_test(nonsense_is_noticed),
		cmocka_unit_test(impossible_records_do_no_harm),
		cmocka_unit_test(nothing_is_a_snapshot_too),
	};

	fixture_eal("384");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
