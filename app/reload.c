// SPDX-License-Identifier: BSD-3-Clause
// Two steps: prepare does all that can fail and touches nothing that is in use; commit, by mail to
// one lcore after the other, cannot fail.
#include "app/reload.h"

#include "app/dns_lcore.h"
#include "app/fragments.h"
#include "app/pipeline.h"
#include "app/reject.h"
#include "app/local.h"
#include "app/port.h"
#include "app/worker.h"
#include "state/change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define RETRY_US 100 // a mailbox is full of others' mail

// What a reload is made of, until it is in use.
struct reload {
	struct gateway *gw;
	struct reload_report *report;
	FILE *changed, *problems;
	struct config *config; // as the file says
	struct plan *plan;
	bool refused;       // something needs a restart
	bool hops_change;   // routes, gateways, addresses
	bool pool_change;   // the pool, NAT64 prefixes, or static bindings
	bool policy_change; // who may talk to whom
	struct state_change *state[GATEWAY_MAX_WORKERS];
	struct dns64_settings *dns64; // NULL: DNS64 is off
};

// ---- prepare

static bool
begins_with(const char *path, const char *key)
{
	return strncmp(path, key, strlen(key)) == 0;
}

static void
on_difference(void *arg, const char *path, bool live)
{
	struct reload *r = arg;

	r->report->n_changed++;
	fprintf(r->changed, "%s\n", path);
	r->pool_change |= begins_with(path, "nat64.pool4") || begins_with(path, "nat64.prefixes") ||
			  begins_with(path, "nat64.static");
	r->policy_change |=
		begins_with(path, "nat64.wkp_allow") || begins_with(path, "nat64.hairpinning");
	if (live)
		return;
	fprintf(r->problems, "%s: %s: needs a restart\n", r->gw->file, path);
	r->refused = true;
}

static struct plan *
make_plan(struct reload *r, struct err *err)
{
	struct rte_ether_addr mac[CONFIG_PORTS];
	struct plan *p;

	for (unsigned int i = 0; i < r->gw->n_port; i++)
		mac[i] = r->gw->port[i].mac;
	p = plan_create(r->config, mac, r->gw->plan, err);
	if (p)
		p->config.lcores = r->gw->boot.lcores; // with what the start chose
	return p;
}

static int
prepare_states(struct reload *r, struct err *err)
{
	for (unsigned int i = 0; i < r->gw->n_worker; i++) {
		struct worker *w = r->gw->worker[i];
		const struct state_change_params p = {
			.state = {.nat64 = &r->plan->config.nat64,
				.worker = i,
				.n_workers = r->gw->n_worker,
				.socket_id = (int)rte_lcore_to_socket_id(worker_lcore(w)),
				.prefixes_gone = r->plan->prefixes_gone},
			.pool = r->pool_change,
			.all_sessions = r->policy_change || r->hops_change,
		};

		// what it reads of the state changes by a reload only
		r->state[i] = state_change_prepare(worker_state(w), &p, err);
		if (!r->state[i])
			return -ENOMEM;
	}
	return 0;
}

// What it reads of dns64 changes by a reload only.
static int
prepare_dns64(struct reload *r, struct err *err)
{
	if (!r->gw->dns)
		return 0;
	r->dns64 = dns_lcore_prepare(r->gw->dns, &r->config->nat64, r->plan, err);
	return r->dns64 ? 0 : -ENOMEM;
}

static int
prepare_all(struct reload *r, struct err *err)
{
	int ret;

	r->plan = make_plan(r, err);
	if (!r->plan)
		return -ENOMEM;
	r->hops_change = !plan_same_hops(r->gw->plan, r->plan);
	ret = prepare_dns64(r, err);
	if (!ret)
		ret = prepare_states(r, err);
	if (ret || !r->hops_change)
		return ret;
	ret = ports_set_groups(r->gw, r->plan, err);
	if (ret)
		ports_set_groups(r->gw, r->gw->plan, NULL);
	return ret;
}

static int
prepare(struct reload *r)
{
	struct err err = {.text = ""};
	int ret = prepare_all(r, &err);

	if (!ret)
		return 0;
	fprintf(r->problems, "%s: %s\n", r->gw->file, err.text);
	for (unsigned int i = 0; i < r->gw->n_worker; i++)
		state_change_free(r->state[i]);
	dns64_settings_free(r->dns64);
	plan_free(r->plan);
	return ret;
}

// ---- commit

struct plan_mail {
	struct mail mail;
	const struct reload *reload;
	bool begun, hops_done, done;
	bool last; // of the two rounds
	uint32_t cursor;
	uint64_t ended;
	unsigned int no_room, no_room_static; // bindings, and of which entry one of them is
};

struct ending {
	struct worker *w;
	struct plan_mail *mail;
};

static bool
keep(void *arg, const struct session *s)
{
	const struct ending *e = arg;
	const struct session_key6 key = {
		.src6 = s->src6, .dst4 = s->dst4, .proto = s->proto, .pref64 = s->pref64};

	return admit_policy(e->w->plan, &key) == DROP_NONE;
}

static bool
keep_any(void *arg, const struct session *s)
{
	return true;
}

static void
end(void *arg, const struct session *s)
{
	const struct ending *e = arg;

	e->mail->ended++;
	session_ending(e->w, s);
}

static void
no_room(void *arg, unsigned int config)
{
	const struct ending *e = arg;

	e->mail->no_room++;
	e->mail->no_room_static = config;
}

static void
begin(struct worker *w, const struct reload *r)
{
	w->plan = r->plan;
	state_change_begin(w->state, r->state[w->index], w->now_sec);
	fragments_limit(w);
	if (r->plan->prefixes_gone) // any worker may get the packets of their sessions
		session_ended_soon(w);
	if (w->neigh && r->hops_change)
		local_announce(w);
}

// False: done, or all that may be done in the first round.
static bool
step_state(struct worker *w, struct plan_mail *m)
{
	const struct reload *r = m->reload;
	struct ending e = {.w = w, .mail = m};
	const struct state_change_ops ops = {
		.keep = r->policy_change || r->hops_change || r->pool_change ? keep : keep_any,
		.end = end,
		.no_room = no_room,
		.arg = &e,
	};

	if (!m->last && state_change_has_ended(w->state))
		return false;
	m->done = !state_change_step(w->state, MAIL_BUDGET, &ops);
	return !m->done;
}

static bool
plan_run(void *owner, struct mail *mail)
{
	struct plan_mail *m = (struct plan_mail *)mail;
	struct worker *w = owner;

	if (!m->begun) {
		if (state_change_survey(w->state, m->reload->state[w->index], MAIL_BUDGET))
			return false;
		begin(w, m->reload);
		m->begun = true;
		m->hops_done = !m->reload->hops_change;
		return false;
	}
	if (!m->hops_done) {
		m->hops_done = !nexthop_renew(&w->nexthops, &m->cursor, MAIL_BUDGET);
		return false;
	}
	return !step_state(w, m);
}

static int
post(struct mailbox *mb, struct mail *m)
{
	int ret;

	while ((ret = mailbox_call(mb, m)) == -EAGAIN)
		usleep(RETRY_US);
	return ret;
}

// The state of a worker that has begun owns its change, and frees it, until that is done.
static void
free_changes(struct reload *r, const struct plan_mail *mails)
{
	for (unsigned int i = 0; i < r->gw->n_worker; i++)
		if (!mails[i].begun || mails[i].done)
			state_change_free(r->state[i]);
}

static void
report_worker(struct reload *r, unsigned int worker, const struct plan_mail *m)
{
	r->report->ended += m->ended;
	if (m->no_room)
		fprintf(stderr,
			"gate64: nat64.static[%u]: %u bindings found no place in the table of "
			"worker %u\n",
			m->no_room_static, m->no_room, worker);
}

// One worker after the other, twice: what one gives out in the second round has ended with all of
// them in the first.
static int
commit_workers(struct reload *r)
{
	struct plan_mail mails[GATEWAY_MAX_WORKERS] = {0};
	const unsigned int n = r->gw->n_worker;
	int ret = 0;

	for (unsigned int k = 0; k < 2 * n && !ret; k++) {
		struct plan_mail *m = &mails[k % n];

		m->mail.run = plan_run;
		m->reload = r;
		m->last = k >= n;
		if (!m->done)
			ret = post(worker_mailbox(r->gw->worker[k % n]), &m->mail);
	}
	for (unsigned int i = 0; i < n && !ret; i++)
		report_worker(r, i, &mails[i]);
	free_changes(r, mails);
	return ret;
}

struct dns_mail {
	struct mail mail;
	struct dns64_settings *settings;
	bool begun;
	uint32_t cursor;
};

static bool
dns_run(void *owner, struct mail *mail)
{
	struct dns_mail *m = (struct dns_mail *)mail;
	struct dns_lcore *d = owner;

	if (!m->begun) {
		dns64_change_begin(dns_lcore_dns64(d), &m->settings);
		m->begun = true;
	}
	return !dns64_change_step(dns_lcore_dns64(d), &m->cursor, MAIL_BUDGET, dns_lcore_now_ms(d));
}

// After the workers, so that it makes up no address that they do not translate yet.
static int
commit_dns64(struct reload *r)
{
	struct dns_mail m = {.mail.run = dns_run, .settings = r->dns64};
	int ret = r->gw->dns ? post(dns_lcore_mailbox(r->gw->dns), &m.mail) : 0;

	dns64_settings_free(
		m.settings); // those before, or, when a stop came first, perhaps the new
	return ret;
}

static int
stopping(const struct reload *r)
{
	fprintf(r->problems, "the gateway is stopping\n");
	return -ESHUTDOWN;
}

static int
commit(struct reload *r)
{
	struct gateway *gw = r->gw;
	const struct plan *old = gw->plan;

	gw->next_plan = r->plan; // from here on workers have it
	if (commit_workers(r)) {
		dns64_settings_free(r->dns64);
		return stopping(r);
	}
	if (commit_dns64(r))
		return stopping(r);
	gw->plan = r->plan;
	gw->next_plan = NULL;
	gw->asked = *r->config;
	plan_free(old);
	return 0;
}

// ---- all of it

static int
change(struct reload *r)
{
	int ret;

	config_diff(&r->gw->asked, r->config, on_difference, r);
	if (r->refused)
		return -EINVAL;
	if (r->report->n_changed == 0)
		return 0;
	ret = prepare(r);
	return ret ? ret : commit(r);
}

// config NULL: as the file says.
static int
run(struct gateway *gw, const struct config *config, struct reload_report *report)
{
	struct reload r = {.gw = gw, .report = report, .config = malloc(sizeof(*r.config))};
	size_t len[2];
	int ret = -ENOMEM;

	memset(report, 0, sizeof(*report));
	r.changed = open_memstream(&report->changed, &len[0]);
	r.problems = open_memstream(&report->problems, &len[1]);
	if (!r.changed || !r.problems || !r.config) {
		if (r.problems)
			fprintf(r.problems, "no memory for the configuration\n");
	} else if (config) {
		*r.config = *config;
		ret = change(&r);
	} else {
		ret = config_load(gw->file, r.config, r.problems) ? -EINVAL : change(&r);
	}
	if (r.changed)
		fclose(r.changed);
	if (r.problems)
		fclose(r.problems);
	free(r.config);
	return ret;
}

int
gateway_change(struct gateway *gw, const struct config *c, struct reload_report *report)
{
	return run(gw, c, report);
}

static void
log_lines(const char *lines)
{
	for (const char *at = lines; at && *at; at += strcspn(at, "\n") + 1)
		fprintf(stderr, "gate64: reload: %.*s\n", (int)strcspn(at, "\n"), at);
}

static void
tell_systemd(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		(uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
}

int
gateway_reload(struct gateway *gw, struct reload_report *report)
{
	int ret;

	tell_systemd();
	ret = run(gw, NULL, report);
	log_lines(report->problems);
	if (ret)
		fprintf(stderr, "gate64: %s: not reloaded, nothing has changed\n", gw->file);
	else
		printf("gate64: %s: reloaded, %u keys changed, %" PRIu64 " sessions ended\n",
			gw->file, report->n_changed, report->ended);
	fflush(stdout);
	sd_notify(0, "READY=1");
	return ret;
}

void
reload_report_free(struct reload_report *r)
{
	free(r->changed);
	free(r->problems);
}
