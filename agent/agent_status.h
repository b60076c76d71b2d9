/*
 * What the running agent knows, as JSON, for `curlew status`.
 */
#pragma once

#include "agent/control.h"

/** Their cookie is the `const struct agent *`. */
extern const struct control_verb agent_status_verbs[];
