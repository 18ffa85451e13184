/* terminal: what the parts of the terminal report share. Next: terminal.c, story.c. */
#ifndef DBK_REPORTS_TERMINAL_H
#define DBK_REPORTS_TERMINAL_H

#include "reports/reports.h"

#define DBK_COLOUR_RED "\x1b[31m"
#define DBK_COLOUR_GREEN "\x1b[32m"
#define DBK_COLOUR_YELLOW "\x1b[33m"
#define DBK_COLOUR_DIM "\x1b[2m"

/* The columns to use: 100 where nothing is known, never under 60 or over 200. */
size_t dbk_terminal_width(const struct dbk_terminal *terminal);

/* Begins a colour, and ends it, before the line feed if out ends in one. Nothing without colour. */
void dbk_terminal_colour(const struct dbk_terminal *terminal, const char *colour,
                         struct dbk_text *out);
void dbk_terminal_end_colour(const struct dbk_terminal *terminal, struct dbk_text *out);

#endif
