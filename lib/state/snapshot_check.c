// SPDX-License-Identifier: BSD-3-Clause
#include "state/internal.h"
#include "state/snapshot_format.h"

#define HEADER_MIN     (offsetof(struct snapshot_header, saved_sec) + sizeof(rte_le32_t))
#define SESSIONS_LIMIT (UINT64_C(1) << 32) // so that no length overflows

bool
snapshot_is_one(const void *bytes, size_t len)
{
	return len >= sizeof(SNAPSHOT_MAGIC) - 1 &&
	       memcmp(bytes, SNAPSHOT_MAGIC, sizeof(SNAPSHOT_MAGIC) - 1) == 0;
}

// What all versions have in common.
static int
check_version(const void *bytes, size_t len, struct err *err)
{
	const struct snapshot_header *h = bytes;
	rte_le32_t crc;
	uint32_t header_len, version;

	if (!snapshot_is_one(bytes, len))
		return err_set(err, -EINVAL, "it is no state file of gate64");
	if (len < HEADER_MIN)
		return err_set(err, -EINVAL, "it is cut short in its header");
	header_len = rte_le_to_cpu_32(h->header_len);
	if (header_len < HEADER_MIN || header_len > len)
		return err_set(err, -EINVAL, "it is cut short or damaged in its header");
	memcpy(&crc, (const uint8_t *)bytes + header_len - sizeof(crc), sizeof(crc));
	if (crc != snapshot_header_crc(h, header_len))
		return err_set(err, -EINVAL, "its header is damaged");
	version = rte_le_to_cpu_32(h->version);
	if (version > SNAPSHOT_VERSION)
		return err_set(err, -EINVAL,
			"a newer gate64 wrote it (format %u, this one reads up to %u)", version,
			SNAPSHOT_VERSION);
	if (version < SNAPSHOT_VERSION || header_len != sizeof(*h))
		return err_set(err, -EINVAL, "its header makes no sense");
	return 0;
}

static bool
read_header(struct snapshot *s, const struct snapshot_header *h)
{
	*s = (struct snapshot){
		.bytes = (const uint8_t *)h,
		.saved_sec = rte_le_to_cpu_64(h->saved_sec),
		.n_session = rte_le_to_cpu_64(h->n_session),
		.n_resting = rte_le_to_cpu_64(h->n_resting),
		.n_worker = rte_le_to_cpu_32(h->n_worker),
		.n_prefix = rte_le_to_cpu_32(h->n_prefix),
	};
	if (s->n_prefix > CONFIG_PREF64 || s->n_session >= SESSIONS_LIMIT ||
		s->n_resting >= SESSIONS_LIMIT)
		return false;
	for (unsigned int i = 0; i < s->n_prefix; i++) {
		struct prefix6 p = {.len = h->prefix[i].len};

		memcpy(&p.addr, h->prefix[i].addr, sizeof(p.addr));
		if (pref64_init(&s->prefix[i], &p) < 0)
			return false;
	}
	for (unsigned int i = 0; i < HASH_KEY_WORDS; i++)
		s->hash_key[i] = rte_le_to_cpu_64(h->hash_key[i]);
	return true;
}

// n records from *at on, in blocks from *index on.
static int
check_blocks(const uint8_t **at, uint32_t *index, uint64_t n, size_t record_len, struct err *err)
{
	while (n) {
		const struct snapshot_block *b = (const struct snapshot_block *)*at;
		uint32_t records = (uint32_t)RTE_MIN(n, (uint64_t)SNAPSHOT_RECORDS);

		if (rte_le_to_cpu_32(b->index) != *index || rte_le_to_cpu_32(b->n) != records ||
			b->crc != snapshot_block_crc(b, record_len))
			return err_set(err, -EINVAL, "block %u of it is damaged", *index);
		*at += sizeof(*b) + records * record_len;
		n -= records;
		(*index)++;
	}
	return 0;
}

static bool
session_valid(const struct snapshot *s, const struct snapshot_session *r)
{
	const struct session as = {.proto = r->proto, .tcp = r->tcp, .timer = r->timer};

	return (r->proto == IPPROTO_UDP || r->proto == IPPROTO_TCP ||
		       (r->proto == IPPROTO_ICMP && r->dport == 0)) &&
	       session_timer_right(&as) && r->pref64 < s->n_prefix && r->bib_pref64 < s->n_prefix &&
	       r->client_pref64 < s->n_prefix &&
	       (r->flags & ~(SESSION_PROBED | SESSION_INBOUND)) == 0;
}

static bool
records_valid(const struct snapshot *s)
{
	for (uint64_t i = 0; i < s->n_session; i++)
		if (!session_valid(s, snapshot_session_at(s, i)))
			return false;
	for (uint64_t i = 0; i < s->n_resting; i++) {
		const struct snapshot_resting *r = snapshot_resting_at(s, i);

		if (r->proto != IPPROTO_UDP && r->proto != IPPROTO_ICMP)
			return false;
	}
	return true;
}

int
snapshot_check(struct snapshot *s, const void *bytes, size_t len, struct err *err)
{
	const uint8_t *at = (const uint8_t *)bytes + sizeof(struct snapshot_header);
	int ret = check_version(bytes, len, err);
	uint64_t want;
	uint32_t index = 0;

	if (ret)
		return ret;
	if (!read_header(s, bytes))
		return err_set(err, -EINVAL, "its header makes no sense");
	want = snapshot_len(s->n_session, s->n_resting);
	if (len != want)
		return err_set(err, -EINVAL, "it has %zu bytes and should have %lu", len,
			(unsigned long)want);
	ret = check_blocks(&at, &index, s->n_session, sizeof(struct snapshot_session), err);
	if (ret == 0)
		ret = check_blocks(&at, &index, s->n_resting, sizeof(struct snapshot_resting), err);
	if (ret)
		return ret;
	return records_valid(s) ? 0 : err_set(err, -EINVAL, "its contents make no sense");
}
