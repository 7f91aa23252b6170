// SPDX-License-Identifier: BSD-3-Clause
#include "app/hairpin.h"

#include "app/pipeline.h"

// m->next chains those that wait; each has one segment. Released fragments may be many at once.
void
hairpin_add(struct worker *w, struct rte_mbuf *m)
{
	if (pkt_of(m)->flags & PKT_HAIRPIN) {
		drop(w, m, DROP_HAIRPIN);
		return;
	}
	if (w->looped)
		w->looped_last->next = m;
	else
		w->looped = m;
	w->looped_last = m;
}

void
hairpin_take(struct worker *w)
{
	for (unsigned int n = 0; w->looped && n < WORKER_BURST; n++) {
		struct rte_mbuf *m = w->looped;

		w->looped = m->next;
		m->next = NULL;
		classify_hairpin(w, m);
	}
}
