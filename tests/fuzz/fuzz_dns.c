// SPDX-License-Identifier: BSD-3-Clause
// DNS messages to DNS64 from both sides, and time. The input is a list: a byte (bits 0-1: from a
// client, from another network, as the answer to the oldest query upstream, or time passes; bit 2:
// with the ID that the answer must have), two bytes of length, and the message.
#include "common/dns_setup.h"

#include <stdlib.h>
#include <string.h>

#define OPEN 16

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dns64 *dns;
static uint64_t now_ms = 1000000, sent, answers;
// queries upstream that were not answered yet: where to, where from, ID and question
static struct {
	struct dns64_datagram d;
	uint8_t data[DNS64_MSG_MAX];
} open[OPEN];
static unsigned int first, n_open;

static void catch (void *ctx, const struct dns64_datagram *d)
{
	unsigned int at = (first + n_open) % OPEN;

	if (d->len < 12 || d->len > DNS64_MSG_MAX)
		abort();
	if (d->sport == DNS64_PORT) {
		answers++;
		return;
	}
	if (n_open == OPEN)
		first = (first + 1) % OPEN;
	else
		n_open++;
	open[at].d = *d;
	memcpy(open[at].data, d->data, d->len);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct config_dns64 c;
	static struct config_nat64 nat64;
	struct dns64_params p = {.dns64 = &c, .nat64 = &nat64, .send = catch};

	dns_setup_init(&c);
	c.cache_entries = 64;
	c.max_pending = 8;
	dns_setup_prefix(&nat64, "64:ff9b::/96");
	dns_setup_prefix(&nat64, "2001:db8:64::/96");
	p.source4 = dns_setup_address(DNS_SETUP_SOURCE4);
	p.source6 = dns_setup_address(DNS_SETUP_SOURCE6);
	dns = dns64_create(&p, NULL);
	return dns ? 0 : -1;
}

// A copy that ends where the message does.
static void
input(struct dns64_datagram d, const uint8_t *data, uint16_t len, bool fix_id)
{
	uint8_t *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	if (fix_id && len >= 2)
		memcpy(copy, open[first].data, 2);
	d.data = copy;
	d.len = len;
	dns64_input(dns, &d, now_ms);
	free(copy);
}

static void
query(const char *from, const uint8_t *data, uint16_t len)
{
	const struct dns64_datagram d = {.src = dns_setup_address(from),
		.dst = dns_setup_address("2001:db8:1::1"),
		.sport = 40000,
		.dport = DNS64_PORT};

	sent++;
	input(d, data, len, false);
}

static void
reply(const uint8_t *data, uint16_t len, bool fix_id)
{
	if (n_open == 0)
		return;
	input(dns_setup_back(&open[first].d, data, len), data, len, fix_id);
	first = (first + 1) % OPEN;
	n_open--;
}

// Every query ends as exactly one thing.
static void
check(void)
{
	const struct dns64_stats *s = dns64_stats(dns);
	struct dns64_gauges g;

	dns64_gauges(dns, &g);
	if (s->answers != answers || g.pending > g.pending_max ||
		s->answers + s->refused_acl + s->dropped_full + g.pending > sent)
		abort();
}

static void
one(uint8_t control, const uint8_t *data, uint16_t len)
{
	switch (control & 3) {
	case 0:
		query("2001:db8:1::77", data, len);
		break;
	case 1:
		reply(data, len, control & 4);
		break;
	case 2:
		now_ms += (uint64_t)1 << (control >> 3) % 24;
		dns64_tick(dns, now_ms);
		break;
	default:
		query("2001:db8:2::77", data, len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dns64_clear_cache(dns);
	while (size >= 3) {
		uint16_t len = (uint16_t)(data[1] << 8 | data[2]);

		if (len > size - 3)
			len = (uint16_t)(size - 3);
		one(data[0], data + 3, len);
		data += 3 + len;
		size -= 3 + (size_t)len;
	}
	// nothing is left over for the next input
	for (unsigned int i = 0; i < 20 && dns64_next_ms(dns) != UINT64_MAX; i++) {
		now_ms = now_ms > dns64_next_ms(dns) ? now_ms : dns64_next_ms(dns);
		dns64_tick(dns, now_ms);
	}
	n_open = 0;
	check();
	return 0;
}
