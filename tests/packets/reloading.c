// SPDX-License-Identifier: BSD-3-Clause
#include "reloading.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static const char usual_nat64[] = "  pool4: [{address: 5.6.7.64, ports: 1-65535}]\n"
				  "  max_sessions: 1024\n  max_bib: 512\n";

char *
reloading_yaml(const struct reloading *t)
{
	char *yaml;

	assert_true(
		asprintf(&yaml,
			"name: test\nports:\n"
			"  - {name: lan, device: net_null0, role: lan, "
			"addresses: ['2001:db8:1::1/64']}\n"
			"  - {name: wan, device: net_null1, role: wan, addresses: [%s], "
			"gateway4: %s}\n"
			"  - {name: lan2, device: net_null2, role: lan, "
			"addresses: ['2001:db8:2::1/64']}\n"
			"nat64:\n  prefixes: ['%s']\n%slcores: {workers: [%s]}\n"
			"memory: {neighbors: 256}\n%s",
			t->addresses ? t->addresses : "5.6.7.2/24",
			t->gateway4 ? t->gateway4 : "5.6.7.1",
			t->prefixes ? t->prefixes : env.prefix, t->nat64 ? t->nat64 : usual_nat64,
			t->workers, t->extra ? t->extra : "") > 0);
	return yaml;
}

void
reloading_start(const char *prefix, const struct reloading *t)
{
	char *yaml;

	env.prefix = prefix;
	yaml = reloading_yaml(t);
	env_start_yaml(prefix, yaml);
	free(yaml);
	fixture_neighbor(&env.f, LAN, "2001:db8:1::10", env_mac_client);
	fixture_neighbor(&env.f, WAN, "5.6.7.1", env_mac_router);
	fixture_neighbor(&env.f, WAN, "5.6.7.9", env_mac_client2);
	fixture_neighbor(&env.f, LAN2, "2001:db8:2::10", env_mac_client2);
	fixture_discard(&env.f);
}

// ---- a reload, which waits for the workers that this thread turns

struct job {
	struct reload_report report;
	atomic_bool done;
	int ret;
};

static void *
job_main(void *arg)
{
	struct job *j = arg;

	j->ret = gateway_reload(&env.f.gw, &j->report);
	atomic_store(&j->done, true);
	return NULL;
}

int
reload_by(const char *yaml, void (*turn)(void), struct reload_report *report)
{
	char file[] = "/tmp/gate64-reload-XXXXXX";
	struct job j = {.ret = 0};
	int fd = mkstemp(file);
	pthread_t thread;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	close(fd);
	env.f.gw.file = file;
	assert_int_equal(pthread_create(&thread, NULL, job_main, &j), 0);
	while (!atomic_load(&j.done)) {
		turn();
		usleep(20);
	}
	pthread_join(thread, NULL);
	unlink(file);
	env.f.gw.file = NULL;
	*report = j.report;
	return j.ret;
}

static void
turn_all(void)
{
	fixture_turn(&env.f, 0);
}

int
reload_text(const char *yaml, struct reload_report *report)
{
	return reload_by(yaml, turn_all, report);
}

unsigned int
reload_to(const struct reloading *t, const char *changed)
{
	struct reload_report r;
	char *yaml = reloading_yaml(t);

	if (reload_text(yaml, &r))
		fail_msg("not reloaded: %s", r.problems);
	assert_string_equal(r.changed, changed);
	reload_report_free(&r);
	free(yaml);
	env_check();
	return (unsigned int)r.ended;
}

void
reload_refused(const char *yaml, const char *problem)
{
	const struct plan *plan = env.f.gw.plan;
	struct reload_report r;

	assert_int_equal(reload_text(yaml, &r), -EINVAL);
	if (!strstr(r.problems, problem))
		fail_msg("not said: %s, but %s", problem, r.problems);
	reload_report_free(&r);
	assert_ptr_equal(env.f.gw.plan, plan);
	for (unsigned int i = 0; i < env.f.gw.n_worker; i++)
		assert_ptr_equal(env.f.gw.worker[i]->plan, plan);
	env_check();
}
