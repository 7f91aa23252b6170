// SPDX-License-Identifier: BSD-3-Clause
// The order of start and stop, nothing else.
#include "app/cli/cli.h"
#include "app/cli/command.h"
#include "app/dns_lcore.h"
#include "app/eal.h"
#include "app/lcores.h"
#include "app/link.h"
#include "app/port.h"
#include "app/state_file.h"
#include "app/worker.h"
#include "base/hash.h"

#include <getopt.h>
#include <pthread.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#define MBUF_CACHE 256

static struct gateway gateway;

static void
usage(FILE *out)
{
	fputs("usage: gate64 -c FILE        run the gateway of this YAML file in the foreground\n"
	      "       gate64 --check FILE   say whether the file is right, touch nothing\n"
	      "       gate64 --version\n"
	      "The keys of the file are in docs/config.md. SIGTERM or SIGINT stop the gateway,\n"
	      "SIGHUP makes it read the file again;\n"
	      "gate64-cli talks to it.\n",
		out);
}

// ---- start

static int
create_pool(struct gateway *gw, struct err *err)
{
	uint32_t n = eal_mbufs(&gw->boot);

	gw->pool = rte_pktmbuf_pool_create(
		"packets", n, MBUF_CACHE, PKT_PRIV_SIZE, eal_mbuf_room(&gw->boot), SOCKET_ID_ANY);
	return gw->pool ? 0
			: err_set(err, -rte_errno, "no memory for %u packet buffers: %s", n,
				  rte_strerror(rte_errno));
}

static int
create_plan(struct gateway *gw, struct err *err)
{
	struct rte_ether_addr mac[CONFIG_PORTS];

	for (unsigned int i = 0; i < gw->n_port; i++)
		mac[i] = gw->port[i].mac;
	gw->plan = plan_create(&gw->boot, mac, NULL, err);
	return gw->plan ? 0 : -ENOMEM;
}

static int
launch(struct gateway *gw, struct err *err)
{
	for (unsigned int i = 0; i < gw->n_worker; i++)
		if (rte_eal_remote_launch(worker_main, gw->worker[i], 1 + i))
			return err_set(err, -EBUSY, "lcore %u does not start", 1 + i);
	if (gw->dns && !lcores_dns_in_worker(&gw->boot) &&
		rte_eal_remote_launch(dns_lcore_main, gw->dns, 1 + gw->n_worker))
		return err_set(err, -EBUSY, "the DNS lcore does not start");
	return 0;
}

static int
start(struct gateway *gw, struct err *err)
{
	const struct snapshot_times now = state_file_now();
	struct timespec ts;
	int ret;

	gw->asked = gw->boot;
	ret = lcores_choose_allowed(&gw->boot, err);

	clock_gettime(CLOCK_MONOTONIC, &ts);
	gw->start_ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	gw->n_worker = gw->boot.lcores.n_worker;
	state_file_read(gw, &now);
	hash_key_init();
	if (ret || (ret = eal_start(gw, err)) || (ret = create_pool(gw, err)) ||
		(ret = ports_open(gw, err)) || (ret = create_plan(gw, err)) ||
		(ret = workers_create(gw, 1, err)))
		return ret;
	state_file_restore(gw, &now);
	if (gw->boot.dns64.enabled) {
		gw->dns = dns_lcore_create(gw, err);
		if (!gw->dns)
			return -ENOMEM;
	}
	ret = ports_start(gw, err);
	return ret ? ret : launch(gw, err);
}

static void
print_ready(const struct gateway *gw)
{
	char cpus[256];

	lcores_describe(&gw->boot, cpus, sizeof(cpus));
	printf("gate64: memory %s hugepages\n", gw->hugepages ? "from" : "without");
	printf("gate64: %s\n", cpus);
	printf("gate64: ready, CLI on %s\n", gw->boot.cli.socket);
	fflush(stdout);
}

// ---- stop

// Everything has an owner that frees it; what is missing now was lost (design: an mbuf has one
// owner).
static int
report_buffers(const struct gateway *gw)
{
	unsigned int lost = gw->pool ? rte_mempool_in_use_count(gw->pool) : 0;

	if (lost)
		fprintf(stderr, "gate64: stopped, but %u packet buffers are missing\n", lost);
	else
		printf("gate64: stopped, all packet buffers are back\n");
	return lost ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int
stop(struct gateway *gw, struct cli *cli)
{
	int ret;

	gw->stop = 1;
	cli_stop(cli);
	rte_eal_mp_wait_lcore();
	ports_stop(gw);
	if (cli) { // else it never ran
		const struct snapshot_times now = state_file_now();

		state_file_save(gw, &now);
	}
	dns_lcore_free(gw->dns);
	workers_free(gw);
	plan_free(gw->plan);
	plan_free(gw->next_plan);
	ret = report_buffers(gw);
	rte_mempool_free(gw->pool);
	rte_eal_cleanup();
	rmdir(rte_eal_get_runtime_dir()); // EAL leaves it, empty, one for each start
	return ret;
}

// As if it had been typed, and after what is being typed. The log has the outcome.
static void
reload(struct gateway *gw)
{
	enum cli_after after;
	char *text;

	cli_execute(gw, "reload", &text, &after);
	free(text);
}

// The signal that ends the gateway.
static int
serve(struct gateway *gw, const sigset_t *set)
{
	static const struct timespec pause = {.tv_nsec = LINK_POLL_MS * 1000000};

	for (;;) {
		int sig;

		if (cli_execute_hold()) { // else a command is running: next time
			links_read(gw);
			cli_execute_release();
		}
		links_tell(gw);
		sig = sigtimedwait(set, NULL, &pause);
		if (sig == SIGHUP)
			reload(gw);
		else if (sig > 0)
			return sig;
	}
}

static int
run(struct gateway *gw)
{
	struct cli *cli = NULL;
	struct err err = {.text = ""};
	sigset_t set;
	int sig;

	// blocked before any thread starts, so that only sigwait takes them
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);

	if (start(gw, &err) || !(cli = cli_start(gw, &err))) {
		fprintf(stderr, "gate64: %s\n", err.text);
		if (gw->pool)
			stop(gw, NULL);
		return EXIT_FAILURE;
	}
	state_file_used(gw);
	print_ready(gw);
	sd_notify(0, "READY=1");
	sig = serve(gw, &set);
	printf("gate64: stopping on %s\n", strsignal(sig));
	sd_notify(0, "STOPPING=1");
	return stop(gw, cli);
}

static int
load(const char *path, struct gateway *gw)
{
	gw->file = path;
	if (config_load(path, &gw->boot, stderr) ||
		driver_set_load(&gw->drivers, gw->boot.drivers, stderr))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{"check", required_argument, NULL, 'k'},
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{0},
	};
	const char *path = NULL;
	bool check = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:hv", longopts, NULL)) != -1) {
		switch (opt) {
		case 'k':
			check = true;
			path = optarg;
			break;
		case 'c':
			path = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'v':
			puts("gate64 " GATE64_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_FAILURE;
		}
	}
	if (!path || optind != argc) {
		usage(stderr);
		return EXIT_FAILURE;
	}
	if (load(path, &gateway))
		return EXIT_FAILURE;
	if (check) {
		printf("%s: ok\n", path);
		return EXIT_SUCCESS;
	}
	return run(&gateway);
}
