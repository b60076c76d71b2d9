/*
 * WeCom, by a robot in a group.
 */
#pragma once

#include "reporters/reporter.h"

extern const struct reporter_type wecom_type;
