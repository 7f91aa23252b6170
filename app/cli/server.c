// SPDX-License-Identifier: BSD-3-Clause
// Accepts clients and gives each a thread: one that is slow or stuck holds up nobody else.
#include "app/cli/cli.h"

#include "app/cli/session.h"
#include "app/cli/socket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_RETRY_MS 100

enum client_state {
	CLIENT_FREE,
	CLIENT_RUNNING,
	CLIENT_DONE, // its thread waits to be joined
};

struct client {
	struct cli *cli;
	pthread_t thread;
	enum client_state state;
	int fd;
};

struct cli {
	struct gateway *gw;
	struct cli_socket socket;
	int wake; // eventfd: cli_stop was called
	pthread_t acceptor;
	pthread_mutex_t lock; // of clients
	struct client client[CLI_CLIENTS];
};

// kill() and not a flag alone: the main thread may sleep.
static void
stop_daemon(struct gateway *gw)
{
	gw->stop = 1;
	kill(getpid(), SIGTERM);
}

static void *
client_main(void *arg)
{
	struct client *c = arg;
	enum cli_after after = session_run(c->cli->gw, c->fd);

	// Under the lock, so that cli_stop never shuts down a number that is somebody else's by
	// now.
	pthread_mutex_lock(&c->cli->lock);
	close(c->fd);
	c->fd = -1;
	c->state = CLIENT_DONE;
	pthread_mutex_unlock(&c->cli->lock);
	if (after == CLI_STOP)
		stop_daemon(c->cli->gw);
	return NULL;
}

static void
client_refuse(int fd, const char *text)
{
	struct session s = {.fd = fd, .send_ms = 0};

	session_send(&s, text, strlen(text));
	session_trailer(&s, true);
	close(fd);
}

// A place for a client, with those joined that have ended. Caller holds the lock.
static struct client *
client_place(struct cli *cli)
{
	struct client *place = NULL;

	for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
		struct client *c = &cli->client[i];

		if (c->state == CLIENT_DONE) {
			pthread_join(c->thread, NULL);
			c->state = CLIENT_FREE;
		}
		if (c->state == CLIENT_FREE)
			place = c;
	}
	return place;
}

static void
client_start(struct cli *cli, int fd)
{
	struct client *c;

	pthread_mutex_lock(&cli->lock);
	c = client_place(cli);
	if (c) {
		c->cli = cli;
		c->fd = fd;
		c->state = CLIENT_RUNNING;
		if (pthread_create(&c->thread, NULL, client_main, c) != 0) {
			c->state = CLIENT_FREE;
			c = NULL;
		} else {
			pthread_setname_np(c->thread, "gate64-cli");
		}
	}
	pthread_mutex_unlock(&cli->lock);
	if (!c)
		client_refuse(fd, "error: all places at the command line are taken, close another "
				  "gate64-cli first\n");
}

static void *
acceptor_main(void *arg)
{
	struct cli *cli = arg;
	struct pollfd p[] = {
		{.fd = cli->wake, .events = POLLIN},
		{.fd = cli->socket.fd, .events = POLLIN},
	};

	for (;;) {
		int fd;

		if (poll(p, RTE_DIM(p), -1) < 0)
			continue;
		if (p[0].revents != 0)
			return NULL;
		fd = accept4(cli->socket.fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			client_start(cli, fd);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			poll(p, 1, SERVER_RETRY_MS); // out of descriptors: do not spin
	}
}

static int
start_acceptor(struct cli *cli)
{
	sigset_t all, old;
	int rc;

	// Signals are the main thread's business; SIGPIPE stays blocked for librte_cmdline's
	// writes.
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&cli->acceptor, NULL, acceptor_main, cli);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc == 0)
		pthread_setname_np(cli->acceptor, "gate64-cli");
	return rc;
}

struct cli *
cli_start(struct gateway *gw, struct err *err)
{
	struct cli *cli = calloc(1, sizeof(*cli));
	int rc;

	if (!cli) {
		err_set(err, -ENOMEM, "cli: out of memory");
		return NULL;
	}
	cli->gw = gw;
	pthread_mutex_init(&cli->lock, NULL);
	if (cli_socket_open(&cli->socket, gw->boot.cli.socket, err) != 0)
		goto free_cli;
	cli->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (cli->wake < 0) {
		err_set(err, -errno, "cli: eventfd: %s", strerror(errno));
		goto close_socket;
	}
	rc = start_acceptor(cli);
	if (rc == 0)
		return cli;
	err_set(err, -rc, "cli: no thread: %s", strerror(rc));
	close(cli->wake);
close_socket:
	cli_socket_close(&cli->socket);
free_cli:
	pthread_mutex_destroy(&cli->lock);
	free(cli);
	return NULL;
}

// Wakes every session and marks in used what is to be joined.
static void
clients_shutdown(struct cli *cli, bool used[static CLI_CLIENTS])
{
	pthread_mutex_lock(&cli->lock);
	for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
		used[i] = cli->client[i].state != CLIENT_FREE;
		if (cli->client[i].state == CLIENT_RUNNING)
			shutdown(cli->client[i].fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&cli->lock);
}

void
cli_stop(struct cli *cli)
{
	bool used[CLI_CLIENTS];

	if (!cli)
		return;
	eventfd_write(cli->wake, 1);
	pthread_join(cli->acceptor, NULL);
	clients_shutdown(cli, used);
	for (unsigned int i = 0; i < CLI_CLIENTS; i++) {
		if (used[i])
			pthread_join(cli->client[i].thread, NULL);
	}
	cli_socket_close(&cli->socket);
	close(cli->wake);
	pthread_mutex_destroy(&cli->lock);
	free(cli);
}
