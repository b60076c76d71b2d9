/*
 * One golden case: a reporter, an event, and the answers that it gets.
 *
 * A case is a JSON map:
 *
 *     about     a sentence
 *     type      "cachet", "dingtalk", "slack" and so on
 *     settings  what would stand in config.yml
 *     env       variables that are set meanwhile
 *     event     as event_encode() writes it; what is missing has a default
 *     closing   the end of an opening's incident, if it is there already
 *     meter     window_ms, missing and found_ms of a point's metric
 *     context   part, opening, ref, mirror, now_ms
 *     memory    what the reporter found out before; of a Cachet, "2.4"
 *     answers   one a request: {"status": 200, "headers": {}, "body": ...},
 *               or {"fail": "closed", "sent": true}; and "restart": the
 *               process dies and begins again with what was durable;
 *               "forgotten": true: meanwhile another part found that the
 *               receiver is not what is remembered of it
 *     vet       true: ask as at start instead
 *     look      true: look at all that there is instead
 *     wanted    ids of incidents that the look is to find
 *     mend      {"close": id} or {"reopen": id}: the part is such a one
 */
#pragma once

#include <jansson.h>

/** What was done, as text; the caller frees it. */
char *play(const json_t *game);
