/*
 * Slack, by an incoming webhook; also what understands the same messages.
 */
#pragma once

#include "reporters/reporter.h"

extern const struct reporter_type slack_type;
