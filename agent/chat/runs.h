/*
 * What is heard of actions that were asked for in a chat: how they go, and what
 * came of them, told to where they were asked for.
 */
#pragma once

struct agent;
struct chat_posts;
struct chat_runs;

/** Hears from now on, for the doors that there are.  Both must outlive it. */
struct chat_runs *chat_runs_new(struct agent *agent, struct chat_posts *posts);

/** After the posts.  NULL is allowed and does nothing. */
void chat_runs_free(struct chat_runs *runs);

/** There is another configuration: hear for its doors. */
void chat_runs_reload(struct chat_runs *runs);
