// SPDX-License-Identifier: BSD-3-Clause
// A document as text for people: scalars as aligned "key: value", arrays of objects as tables, rows
// that hold lists and nested objects as sections. "shown" and "total" become a closing line.
#ifndef APP_CLI_RENDER_H
#define APP_CLI_RENDER_H

#include <jansson.h>
#include <stdio.h>

void render_text(const json_t *doc, FILE *out);
void render_json(const json_t *doc, FILE *out);

#endif
