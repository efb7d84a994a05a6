// SPDX-License-Identifier: Apache-2.0
// A chat client on libstrophe, moved by tools/run_clients.py: commands come on stdin, what happens goes to stdout.
//   strophe_chat ADDRESS PORT starttls|direct JID PASSWORD CA_FILE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <unistd.h>

static char mechanism[64] = "?";

static void say(const char* word, const char* from, const char* text) {
  printf("%s %s %s\n", word, from ? from : "-", text ? text : "-");
  fflush(stdout);
}

// The library tells the mechanism in no other way than in its log: SENT: <auth … mechanism="SCRAM-SHA-1">.
static void log_line(void* userdata, xmpp_log_level_t level, const char* area, const char* message) {
  (void)userdata, (void)area;
  const char* found = strstr(message, "mechanism=\"");
  if (found && strstr(message, "<auth")) sscanf(found, "mechanism=\"%63[^\"]", mechanism);
  if (level >= XMPP_LEVEL_WARN) fprintf(stderr, "%s: %s\n", area, message);
}

static int heard_message(xmpp_conn_t* conn, xmpp_stanza_t* stanza, void* ctx) {
  (void)conn;
  char* body = xmpp_message_get_body(stanza);
  if (body) say("message", xmpp_stanza_get_from(stanza), body);
  xmpp_free(ctx, body);
  return 1;
}

static int heard_presence(xmpp_conn_t* conn, xmpp_stanza_t* stanza, void* ctx) {
  (void)conn, (void)ctx;
  const char* type = xmpp_stanza_get_type(stanza);
  say("presence", xmpp_stanza_get_from(stanza), type ? type : "available");
  return 1;
}

static xmpp_stanza_t* text_element(xmpp_ctx_t* ctx, const char* name, const char* content) {
  xmpp_stanza_t *element = xmpp_stanza_new(ctx), *text = xmpp_stanza_new(ctx);
  xmpp_stanza_set_name(element, name);
  xmpp_stanza_set_text(text, content);
  xmpp_stanza_add_child(element, text);
  xmpp_stanza_release(text);
  return element;
}

static int was_asked(xmpp_conn_t* conn, xmpp_stanza_t* stanza, void* ctx) {
  xmpp_stanza_t* reply = xmpp_stanza_reply(stanza);
  xmpp_stanza_set_type(reply, "result");
  if (xmpp_stanza_get_child_by_ns(stanza, "jabber:iq:version")) {
    xmpp_stanza_t *query = xmpp_stanza_new(ctx), *name = text_element(ctx, "name", "strophe"),
                  *version = text_element(ctx, "version", "0");
    xmpp_stanza_set_name(query, "query");
    xmpp_stanza_set_ns(query, "jabber:iq:version");
    xmpp_stanza_add_child(query, name);
    xmpp_stanza_add_child(query, version);
    xmpp_stanza_add_child(reply, query);
    xmpp_stanza_release(name);
    xmpp_stanza_release(version);
    xmpp_stanza_release(query);
  }
  xmpp_send(conn, reply);
  xmpp_stanza_release(reply);
  return 1;
}

static int was_answered(xmpp_conn_t* conn, xmpp_stanza_t* stanza, void* ctx) {
  (void)conn;
  const char* type = xmpp_stanza_get_type(stanza);
  if (!type || strcmp(type, "result") != 0) {
    say("failed", xmpp_stanza_get_from(stanza), "was answered by an error");
    return 0;
  }
  xmpp_stanza_t* query = xmpp_stanza_get_child_by_ns(stanza, "jabber:iq:version");
  xmpp_stanza_t* name = query ? xmpp_stanza_get_child_by_name(query, "name") : NULL;
  char* text = name ? xmpp_stanza_get_text(name) : NULL;
  say(query ? "version" : "pong", xmpp_stanza_get_from(stanza), text);
  if (text) xmpp_free(ctx, text);
  return 0;
}

static void ask(xmpp_conn_t* conn, xmpp_ctx_t* ctx, const char* to, const char* name, const char* ns) {
  char* id = xmpp_uuid_gen(ctx);
  xmpp_stanza_t *iq = xmpp_iq_new(ctx, "get", id), *query = xmpp_stanza_new(ctx);
  xmpp_stanza_set_to(iq, to);
  xmpp_stanza_set_name(query, name);
  xmpp_stanza_set_ns(query, ns);
  xmpp_stanza_add_child(iq, query);
  xmpp_id_handler_add(conn, was_answered, id, ctx);
  xmpp_send(conn, iq);
  xmpp_stanza_release(query);
  xmpp_stanza_release(iq);
  xmpp_free(ctx, id);
}

static void connection_changed(xmpp_conn_t* conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t* stream_error,
                               void* ctx) {
  (void)error, (void)stream_error;
  if (event != XMPP_CONN_CONNECT) {
    say("offline", NULL, NULL);
    xmpp_stop(ctx);
    return;
  }
  xmpp_handler_add(conn, heard_message, NULL, "message", NULL, ctx);
  xmpp_handler_add(conn, heard_presence, NULL, "presence", NULL, ctx);
  xmpp_handler_add(conn, was_asked, NULL, "iq", "get", ctx);
  xmpp_stanza_t* presence = xmpp_presence_new(ctx);
  xmpp_send(conn, presence);
  xmpp_stanza_release(presence);
  say("online", xmpp_conn_get_bound_jid(conn), xmpp_conn_is_secured(conn) ? mechanism : "in-clear");
}

static void obey(xmpp_conn_t* conn, xmpp_ctx_t* ctx, char* line) {
  line[strcspn(line, "\n")] = '\0';
  char *verb = strtok(line, " "), *to = strtok(NULL, " "), *text = strtok(NULL, "");
  if (!verb || !to) {
    xmpp_disconnect(conn);
  } else if (strcmp(verb, "message") == 0) {
    xmpp_stanza_t* message = xmpp_message_new(ctx, "chat", to, NULL);
    xmpp_message_set_body(message, text);
    xmpp_send(conn, message);
    xmpp_stanza_release(message);
  } else if (strcmp(verb, "presence") == 0) {
    xmpp_stanza_t* presence = xmpp_presence_new(ctx);
    xmpp_stanza_set_to(presence, to);
    xmpp_send(conn, presence);
    xmpp_stanza_release(presence);
  } else if (strcmp(verb, "ping") == 0) {
    ask(conn, ctx, to, "ping", "urn:xmpp:ping");
  } else if (strcmp(verb, "version") == 0) {
    ask(conn, ctx, to, "query", "jabber:iq:version");
  }
}

// One turn of the library's loop, then whatever commands came meanwhile.
static int take_commands(xmpp_conn_t* conn, xmpp_ctx_t* ctx) {
  static char buffer[4096];
  static size_t used = 0;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  while (poll(&input, 1, 0) > 0) {
    ssize_t got = read(STDIN_FILENO, buffer + used, 1);
    if (got <= 0) return 0;
    if (buffer[used++] != '\n' && used < sizeof buffer - 1) continue;
    buffer[used] = '\0';
    used = 0;
    obey(conn, ctx, buffer);
  }
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const xmpp_log_t log = {log_line, NULL};
  xmpp_initialize();
  xmpp_ctx_t* ctx = xmpp_ctx_new(NULL, &log);
  xmpp_conn_t* conn = xmpp_conn_new(ctx);
  xmpp_conn_set_flags(conn, strcmp(argv[3], "direct") == 0 ? XMPP_CONN_FLAG_LEGACY_SSL : XMPP_CONN_FLAG_MANDATORY_TLS);
  xmpp_conn_set_jid(conn, argv[4]);
  xmpp_conn_set_pass(conn, argv[5]);
  xmpp_conn_set_cafile(conn, argv[6]);
  if (xmpp_connect_client(conn, argv[1], (unsigned short)atoi(argv[2]), connection_changed, ctx) != XMPP_EOK) {
    say("failed", "to", "connect");
    return 1;
  }
  int listening = 1;
  while (xmpp_conn_is_connected(conn) || xmpp_conn_is_connecting(conn)) {
    xmpp_run_once(ctx, 5);
    if (listening && !take_commands(conn, ctx)) {
      listening = 0;
      xmpp_disconnect(conn);
    }
  }
  xmpp_conn_release(conn);
  xmpp_ctx_free(ctx);
  xmpp_shutdown();
  return 0;
}
