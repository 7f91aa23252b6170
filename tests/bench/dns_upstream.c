// SPDX-License-Identifier: BSD-3-Clause
// An upstream server for dns_wire.sh, quick enough not to be what is measured: every name has the A
// record 9.9.9.9 and no other. One thread, many datagrams a system call.
//   dns_upstream IPV4-ADDRESS...
#include "dns_reply.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BATCH       64
#define MAX_SOCKETS 8

static uint8_t in[BATCH][DNS_REPLY_MAX], out[BATCH][DNS_REPLY_MAX];
static struct sockaddr_in peer[BATCH];

static int
open_socket(const char *text)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(53)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (inet_pton(AF_INET, text, &a.sin_addr) != 1 ||
		bind(fd, (struct sockaddr *)&a, sizeof(a))) {
		fprintf(stderr, "dns_upstream: cannot serve %s\n", text);
		exit(1);
	}
	return fd;
}

static void
serve(int fd)
{
	struct iovec from[BATCH], to[BATCH];
	struct mmsghdr m[BATCH] = {0};
	int n, replies = 0;

	for (int i = 0; i < BATCH; i++) {
		from[i] = (struct iovec){in[i], sizeof(in[i])};
		m[i].msg_hdr = (struct msghdr){.msg_name = &peer[i],
			.msg_namelen = sizeof(peer[i]),
			.msg_iov = &from[i],
			.msg_iovlen = 1};
	}
	n = recvmmsg(fd, m, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		to[replies] =
			(struct iovec){out[i], dns_reply(in[i], m[i].msg_len, KIND_SYNTH, out[i])};
		if (to[replies].iov_len == 0)
			continue;
		m[replies].msg_hdr.msg_name = &peer[i];
		m[replies].msg_hdr.msg_iov = &to[replies];
		replies++;
	}
	if (replies > 0)
		sendmmsg(fd, m, (unsigned int)replies, 0);
}

int
main(int argc, char **argv)
{
	struct pollfd p[MAX_SOCKETS];
	int n = argc - 1;

	if (n < 1 || n > MAX_SOCKETS) {
		fprintf(stderr, "usage: dns_upstream IPV4-ADDRESS...\n");
		return 2;
	}
	for (int i = 0; i < n; i++)
		p[i] = (struct pollfd){.fd = open_socket(argv[1 + i]), .events = POLLIN};
	for (;;) {
		poll(p, (nfds_t)n, -1);
		for (int i = 0; i < n; i++)
			if (p[i].revents)
				serve(p[i].fd);
	}
}
