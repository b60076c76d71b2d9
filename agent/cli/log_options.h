/*
 * How the log of `curlew run` looks, and how much it says.
 */
#pragma once

#include <stdbool.h>

struct err;

/**
 * By the command line, else by $CURLEW_LOG_LEVEL and $CURLEW_LOG_FORMAT; NULL
 * for what was not given.  The journal of systemd gets priorities, a terminal
 * colours.
 */
bool cli_log_options(const char *level, const char *format, struct err *err);
