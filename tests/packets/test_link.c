// SPDX-License-Identifier: BSD-3-Clause
// What the first worker learns of a link, and when.
#include "env.h"

#include "app/link.h"

#include <pthread.h>

// ARP requests that leave by the WAN in two minutes in which its router is sent to.
static unsigned int
probes(void)
{
	const struct spec out = {UDP6("C", 40000, "@8.8.8.8", 53)};
	unsigned int n = 0;
	uint8_t b[2048];

	for (unsigned int i = 0; i < 120; i++) {
		fixture_turn(&env.f, 1000);
		env_send(LAN, &out);
		while (fixture_take(&env.f, WAN, b, sizeof(b)))
			n += b[12] == 8 && b[13] == 6;
	}
	fixture_discard(&env.f);
	return n;
}

// A driver that never says that the link is up: neighbours are probed as ever.
static void
link_never_up(void **state)
{
	struct port *wan;

	env_start(*state, NULL);
	wan = &env.f.gw.port[WAN];
	wan->link.known = true;
	link_changed(env.f.gw.worker[0], wan);
	fixture_discard(&env.f);
	assert_true(probes() > 0);
	env_stop();
}

static bool
run_nothing(void *owner, struct mail *m)
{
	return owner != NULL && m != NULL;
}

static atomic_bool told;

static void *
tell_main(void *arg)
{
	links_tell(arg);
	atomic_store(&told, true);
	return NULL;
}

// Where the first worker has no room for mail, it is told at the next call.
static void
link_told_later(void **state)
{
	static struct mail filler = {.run = run_nothing};
	struct gateway *gw = &env.f.gw;
	pthread_t thread;

	env_start(*state, NULL);
	gw->port[WAN].link.lost = true;
	gw->port[WAN].link.untold = true;
	while (rte_ring_enqueue(gw->worker[0]->mailbox.ring, &filler) == 0)
		;
	links_tell(gw);
	assert_true(gw->port[WAN].link.untold);
	while (!rte_ring_empty(gw->worker[0]->mailbox.ring))
		fixture_turn(&env.f, 0);
	atomic_store(&told, false);
	assert_int_equal(pthread_create(&thread, NULL, tell_main, gw), 0);
	while (!atomic_load(&told))
		fixture_turn(&env.f, 0);
	pthread_join(thread, NULL);
	assert_false(gw->port[WAN].link.untold);
	assert_int_equal(probes(), 0);
	env_stop();
}

ENV_MAIN(WITH_BOTH(link_never_up), WITH_BOTH(link_told_later))
