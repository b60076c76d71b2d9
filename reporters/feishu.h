/*
 * Feishu and Lark, by a custom robot in a group.
 */
#pragma once

#include "reporters/reporter.h"

extern const struct reporter_type feishu_type;
