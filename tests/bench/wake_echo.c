// SPDX-License-Identifier: BSD-3-Clause
// What the machine takes to wake a process up: answers ICMPv6 echo requests on an interface through
// a packet socket, and nothing else, either asleep in epoll until one comes or looking all the
// time.
//   wake_echo sleep|poll INTERFACE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip6.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct echo {
	struct ethhdr eth;
	struct ip6_hdr ip6;
	struct icmp6_hdr icmp6;
	unsigned char data[1500];
} __attribute__((packed));

static void
swap(void *a, void *b, size_t len)
{
	unsigned char t[16];

	memcpy(t, a, len);
	memcpy(a, b, len);
	memcpy(b, t, len);
}

static bool
make_reply(struct echo *e, ssize_t len)
{
	const size_t least = offsetof(struct echo, data);
	unsigned int sum;

	if (len < (ssize_t)least || e->ip6.ip6_nxt != IPPROTO_ICMPV6 ||
		e->icmp6.icmp6_type != ICMP6_ECHO_REQUEST)
		return false;
	swap(e->eth.h_source, e->eth.h_dest, ETH_ALEN);
	swap(&e->ip6.ip6_src, &e->ip6.ip6_dst, sizeof(e->ip6.ip6_src));
	e->icmp6.icmp6_type = ICMP6_ECHO_REPLY;
	// the type has become one more (RFC 1624)
	sum = (unsigned int)ntohs(e->icmp6.icmp6_cksum) + 0xfeff;
	e->icmp6.icmp6_cksum = htons((uint16_t)((sum & 0xffff) + (sum >> 16)));
	return true;
}

static int
open_socket(const char *interface)
{
	const struct sockaddr_ll addr = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IPV6),
		.sll_ifindex = (int)if_nametoindex(interface)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	perror(interface);
	exit(1);
}

int
main(int argc, char **argv)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0), fd;
	bool sleeps;

	if (argc != 3)
		return 2;
	sleeps = strcmp(argv[1], "sleep") == 0;
	fd = open_socket(argv[2]);
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return 1;
	for (;;) {
		struct echo e;
		ssize_t len = recv(fd, &e, sizeof(e), 0);

		if (len < 0 && errno != EAGAIN)
			return 1;
		if (len < 0 && sleeps)
			epoll_wait(epoll, &event, 1, -1);
		else if (make_reply(&e, len) && send(fd, &e, (size_t)len, 0) < 0)
			return 1;
	}
}
