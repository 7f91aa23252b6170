// SPDX-License-Identifier: BSD-3-Clause
#include "app/link.h"

#include "app/local.h"

#include <errno.h>
#include <rte_ethdev.h>
#include <stdio.h>

struct link_mail {
	struct mail mail;
	const struct port *nic;
};

void
link_changed(struct worker *w, const struct port *nic)
{
	for (const struct port *p = nic; p; p = p->next) {
		neigh_set_link(w->neigh, p->index, !p->link.lost);
		if (p->link.up)
			local_announce_port(w, p->index);
	}
}

static bool
tell(void *owner, struct mail *m)
{
	const struct link_mail *l = (const struct link_mail *)m;

	link_changed(owner, l->nic);
	return true;
}

// A link that never was up loses nothing: the driver may not know, or be late.
static void
store(struct port *nic, const struct rte_eth_link *l)
{
	const bool up = l->link_status == RTE_ETH_LINK_UP;
	const bool was = nic->link.up || nic->link.lost;

	for (struct port *p = nic; p; p = p->next) {
		p->link.speed_mbps = l->link_speed;
		p->link.full_duplex = l->link_duplex == RTE_ETH_LINK_FULL_DUPLEX;
		p->link.up = up;
		p->link.lost = was && !up;
		p->link.known = true;
	}
}

static void
say(const struct port *nic)
{
	printf("gate64: port %s: link %s", nic->name, nic->link.up ? "up" : "down");
	if (nic->link.up && nic->link.speed_mbps != RTE_ETH_SPEED_NUM_UNKNOWN)
		printf(", %u Mb/s%s", nic->link.speed_mbps,
			nic->link.full_duplex ? "" : " half duplex");
	printf("\n");
	fflush(stdout);
}

static void
read_one(struct port *nic)
{
	const bool known = nic->link.known, was = nic->link.up;
	struct rte_eth_link l;

	if (rte_eth_link_get_nowait(nic->ethdev, &l))
		return;
	store(nic, &l);
	if (known && was == nic->link.up)
		return;
	say(nic);
	nic->link.untold = true;
}

void
links_read(struct gateway *gw)
{
	for (unsigned int i = 0; i < gw->n_port; i++)
		if (gw->port[i].nic == &gw->port[i])
			read_one(&gw->port[i]);
}

void
links_tell(struct gateway *gw)
{
	for (unsigned int i = 0; i < gw->n_port; i++) {
		struct link_mail m = {.mail.run = tell, .nic = &gw->port[i]};

		if (gw->port[i].link.untold)
			gw->port[i].link.untold =
				mailbox_call(worker_mailbox(gw->worker[0]), &m.mail) == -EAGAIN;
	}
}
