// SPDX-License-Identifier: BSD-3-Clause
// What DPDK calls a network device.
#include "config/schema.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// [DDDD:]BB:DD.F in hexadecimal, as lspci writes it.
static bool
read_pci(const char *text, char *out, size_t len)
{
	unsigned int part[4] = {0}, n = 0;
	const char *p = text;
	char *end;

	for (; n < 4; p = end + 1) {
		part[n++] = (unsigned int)strtoul(p, &end, 16);
		if (!isxdigit((unsigned char)*p) || end - p > (n == 1 ? 8 : 4))
			return false;
		if (*end != ':')
			break;
	}
	if (*end != '.' || n < 2 || n > 3 || end[1] < '0' || end[1] > '7' || end[2] != '\0')
		return false;
	if (n == 2) {
		part[2] = part[1];
		part[1] = part[0];
		part[0] = 0;
	}
	if (part[1] > 0xff || part[2] > 0x1f)
		return false;
	snprintf(out, len, "%04x:%02x:%02x.%c", part[0], part[1], part[2], end[1]);
	return true;
}

static bool
is_vdev(const char *text)
{
	size_t name = strcspn(text, ",");

	if (strncmp(text, "net_", 4) || name < 5 || name >= 32)
		return false;
	for (size_t i = 0; text[i]; i++) {
		if (!isascii(text[i]) || !isgraph(text[i]))
			return false;
		if (i < name && !isalnum(text[i]) && text[i] != '_')
			return false;
	}
	return true;
}

static const char *
parse_device(struct setting *s, const char *text)
{
	struct config_port *p = s->base;

	p->is_pci = read_pci(text, p->device, sizeof(p->device));
	if (p->is_pci)
		return NULL;
	if (!is_vdev(text))
		return "is neither a PCI address nor a DPDK device";
	if (strlen(text) >= sizeof(p->device))
		return "is too long";
	memcpy(p->device, text, strlen(text) + 1);
	return NULL;
}

const struct config_type config_type_device = {
	.what = "a PCI address such as 0000:03:00.0, or a virtual device such as "
		"net_af_packet0,iface=eth0",
	.parse = parse_device};
