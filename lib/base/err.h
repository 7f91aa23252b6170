// SPDX-License-Identifier: BSD-3-Clause
// Control-plane error text: 0 or -errno says that, struct err says what and where.
// Any thread; the caller owns the struct.
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char text[512];
};

// Fills e (which may be NULL) and returns code, so that a failing function can end with it.
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
