// SPDX-License-Identifier: BSD-3-Clause
// The bytes of a snapshot: a header, then blocks of records, sessions first. Numbers are little
// endian, addresses and ports as on the wire. Nothing is aligned. Every byte is under a checksum.
// A change of any of this is a new SNAPSHOT_VERSION. What holds for all versions: a header begins
// with magic, version and header_len, and ends with the CRC of what stands in it before that.
#ifndef STATE_SNAPSHOT_FORMAT_H
#define STATE_SNAPSHOT_FORMAT_H

#include "state/snapshot.h"

#include <rte_hash_crc.h>

#define SNAPSHOT_MAGIC   "gate64\x1a\n"
#define SNAPSHOT_VERSION 1
#define SNAPSHOT_RECORDS 1024 // in a block; the last one of a kind may have less

struct snapshot_header {
	char magic[8];
	rte_le32_t version;
	rte_le32_t header_len;
	rte_le64_t saved_sec;
	rte_le64_t n_session, n_resting;
	rte_le32_t n_worker;
	rte_le32_t n_prefix;
	rte_le64_t hash_key[HASH_KEY_WORDS];
	struct {
		uint8_t addr[16];
		uint8_t len;
	} __rte_packed prefix[CONFIG_PREF64];
	rte_le32_t crc;
} __rte_packed;
_Static_assert(sizeof(struct snapshot_header) == 388, "a new format needs a new version");

struct snapshot_block {
	rte_le32_t index; // of the block, from 0
	rte_le32_t n;     // records
	rte_le32_t crc;   // of both and the records
} __rte_packed;
_Static_assert(sizeof(struct snapshot_block) == 12, "a new format needs a new version");

struct snapshot_session {
	uint8_t src6[16];      // X'
	rte_be32_t dst4;       // Z
	rte_be32_t src4;       // T
	rte_be32_t client4;    // the pool address that the client is paired with
	rte_be16_t sport6;     // x
	rte_be16_t sport4;     // t
	rte_be16_t dport;      // z
	uint8_t proto;         // as in IP
	uint8_t pref64;        // index in the header
	uint8_t bib_pref64;    // under which its client sees outsiders
	uint8_t client_pref64; // a prefix that the client's pool addresses serve
	uint8_t tcp;           // enum tcp_state
	uint8_t timer;         // enum config_timeout
	uint8_t flags;         // enum session_flag
	rte_le32_t idle_sec;   // since the lifetime was last restarted
} __rte_packed;
_Static_assert(sizeof(struct snapshot_session) == 45, "a new format needs a new version");

struct snapshot_resting {
	rte_be32_t src4;
	rte_be16_t port;
	uint8_t proto;
	rte_le32_t left_sec;
} __rte_packed;
_Static_assert(sizeof(struct snapshot_resting) == 11, "a new format needs a new version");

// CRC-32C. rte_hash_crc neither begins with ones nor inverts the result, and would not see zeros
// in front.
static inline uint32_t
snapshot_crc(const void *data, size_t len, uint32_t crc)
{
	return rte_hash_crc(data, (uint32_t)len, crc);
}
#define SNAPSHOT_CRC_INIT UINT32_MAX

static inline rte_le32_t
snapshot_block_crc(const struct snapshot_block *b, size_t record_len)
{
	uint32_t crc = snapshot_crc(b, offsetof(struct snapshot_block, crc), SNAPSHOT_CRC_INIT);

	return rte_cpu_to_le_32(snapshot_crc(b + 1, rte_le_to_cpu_32(b->n) * record_len, crc));
}

static inline rte_le32_t
snapshot_header_crc(const void *header, uint32_t header_len)
{
	return rte_cpu_to_le_32(
		snapshot_crc(header, header_len - sizeof(rte_le32_t), SNAPSHOT_CRC_INIT));
}

// Bytes of the blocks of n records.
static inline uint64_t
snapshot_blocks_len(uint64_t n, size_t record_len)
{
	return (n + SNAPSHOT_RECORDS - 1) / SNAPSHOT_RECORDS * sizeof(struct snapshot_block) +
	       n * record_len;
}

static inline uint64_t
snapshot_len(uint64_t n_session, uint64_t n_resting)
{
	return sizeof(struct snapshot_header) +
	       snapshot_blocks_len(n_session, sizeof(struct snapshot_session)) +
	       snapshot_blocks_len(n_resting, sizeof(struct snapshot_resting));
}

// Record i of those whose first block begins at first.
static inline const void *
snapshot_record(const uint8_t *first, uint64_t i, size_t record_len)
{
	return first + (i / SNAPSHOT_RECORDS + 1) * sizeof(struct snapshot_block) + i * record_len;
}

static inline const struct snapshot_session *
snapshot_session_at(const struct snapshot *s, uint64_t i)
{
	return snapshot_record(
		s->bytes + sizeof(struct snapshot_header), i, sizeof(struct snapshot_session));
}

static inline const struct snapshot_resting *
snapshot_resting_at(const struct snapshot *s, uint64_t i)
{
	return snapshot_record(
		s->bytes + snapshot_len(s->n_session, 0), i, sizeof(struct snapshot_resting));
}

#endif
