package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers questions about timelines, layers and pages, from here or from another instance. */
final class ReadRoutes {
  /** Another instance has to do what this one would do, and one network round more. */
  private static final Duration PEER_CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PEER_ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private final LayerReads reads;
  private final Forwarding forwarding;
  private final ValueDescriber describer;
  private final Function<String, PageKey> keys;
  private final ThreadPoolExecutor readers;
  private final Executor senders;

  ReadRoutes(
      LayerReads reads,
      Peers peers,
      ValueDescriber describer,
      Function<String, PageKey> keys,
      ThreadPoolExecutor readers,
      Executor senders) {
    this.reads = reads;
    this.forwarding =
        new Forwarding(peers, new PeerClient(PEER_CONNECT_TIMEOUT, PEER_ANSWER_TIMEOUT));
    this.describer = describer;
    this.keys = keys;
    this.readers = readers;
    this.senders = senders;
  }

  /** Returns how many reads wait for others. */
  int waiting() {
    return readers.getQueue().size();
  }

  private interface Reading {
    void run() throws IOException;
  }

  /** Runs a read in a thread that may wait for a disk. */
  private void read(Exchange exchange, Reading reading) {
    try {
      readers.execute(
          () -> {
            try {
              reading.run();
            } catch (IOException | RuntimeException | Error e) {
              exchange.fail(e); // also an error: else its client waits, and its memory stays taken
            }
          });
    } catch (RejectedExecutionException e) {
      exchange.fail(Errors.tooManyRequests(waiting()));
    }
  }

  void timelines(Exchange exchange) {
    @Nullable String local = exchange.parameters(List.of("local")).get("local");
    if (local != null && !local.equals("true")) {
      throw Errors.badParameter("local must be true: local=" + local);
    }
    read(
        exchange,
        () -> {
          Answers.Timelines here = ToJson.timelines(reads.timelines(exchange.limit()));
          if (local != null || exchange.isForwarded()) {
            send(exchange, here);
          } else {
            all(exchange, here, all -> send(exchange, all));
          }
        });
  }

  private void send(Exchange exchange, Answers.Timelines all) {
    exchange.json(
        Json.array("{\"timelines\":[", all.timelines(), timeline -> timeline, "]}"), senders);
  }

  private interface TimelinesUse {
    void use(Answers.Timelines all);
  }

  /** Adds the timelines of the other instances; what is done with all of them must not wait. */
  private void all(Exchange exchange, Answers.Timelines here, TimelinesUse use) {
    var unused =
        forwarding
            .timelines(here, exchange.limit())
            .whenComplete(
                (all, failure) -> {
                  try {
                    if (failure != null) {
                      exchange.fail(failure.getCause() == null ? failure : failure.getCause());
                    } else {
                      use.use(all);
                    }
                  } catch (RuntimeException e) {
                    exchange.fail(e);
                  }
                });
  }

  void layers(Exchange exchange) {
    exchange.parameters(List.of());
    withTimeline(
        exchange,
        timeline -> {
          List<LayerDesc> layers;
          try {
            layers = reads.layers(timeline, exchange.limit());
          } catch (UnknownTimelineException | NotReadyException e) {
            elsewhere(exchange, timeline, e);
            return;
          }
          exchange.json(
              Json.array(
                  "{\"timeline\":\"" + timeline + "\",\"layers\":[", layers, ToJson::layer, "]}"),
              senders);
        });
  }

  void page(Exchange exchange) {
    QueryParameters parameters = exchange.parameters(List.of("lsn", "bytes", "explain"));
    boolean withBytes = is(parameters, "bytes", "base64");
    boolean isExplained = is(parameters, "explain", "true");
    PageKey key = key(exchange);
    @Nullable Lsn lsn = lsn(parameters.get("lsn"));
    withTimeline(
        exchange,
        timeline -> {
          ReconstructData data;
          try {
            data = reads.page(timeline, key, lsn, exchange.limit());
          } catch (UnknownTimelineException | NotReadyException | LsnNotReachedException e) {
            elsewhere(exchange, timeline, e);
            return;
          }
          switch (data.status()) {
            case BEFORE_HISTORY -> throw Errors.beforeHistory(data);
            case DROPPED -> throw Errors.pageDropped(data);
            case COMPLETE, INCOMPLETE ->
                send(exchange, data, withBytes, isExplained || !isFinal(data, lsn));
          }
        });
  }

  /**
   * Whether the answer stays as it is: more can come at the last LSN, and an answer without an LSN
   * moves with it.
   */
  private static boolean isFinal(ReconstructData data, @Nullable Lsn lsn) {
    return lsn != null && lsn.isBefore(data.lastLsn());
  }

  private void send(
      Exchange exchange, ReconstructData data, boolean withBytes, boolean isExplained) {
    if (!isExplained) {
      String etag = EntityTag.of(data, withBytes);
      exchange.put("ETag", etag);
      if (EntityTag.matches(exchange.header("If-None-Match"), etag)) {
        exchange.empty(304, "not_modified");
        return;
      }
    }
    exchange.json(new PagePieces(data, withBytes, isExplained, describer), senders);
  }

  private static boolean is(QueryParameters parameters, String name, String value) {
    @Nullable String given = parameters.get(name);
    if (given != null && !given.equals(value)) {
      throw Errors.badParameter(name + " must be " + value + ": " + name + "=" + given);
    }
    return given != null;
  }

  private PageKey key(Exchange exchange) {
    PageKey key;
    try {
      List<String> path = exchange.rawPath();
      key = keys.apply(QueryParameters.decode(String.join("/", path.subList(5, path.size()))));
    } catch (IllegalArgumentException e) {
      throw Errors.badKey(String.valueOf(e.getMessage()));
    }
    if (key.equals(PageKey.MAX)) {
      throw Errors.badKey("the end of the key space is no page: key=" + key);
    }
    return key;
  }

  private static @Nullable Lsn lsn(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Lsn lsn;
    try {
      lsn = Lsn.parse(text);
    } catch (IllegalArgumentException e) {
      throw Errors.badLsn(String.valueOf(e.getMessage()));
    }
    if (lsn.equals(Lsn.INVALID)) {
      throw Errors.badLsn("no version has this LSN: lsn=" + lsn);
    }
    return lsn;
  }

  private interface OfTimeline {
    void read(TimelineId timeline) throws IOException;
  }

  /** Finds out which timeline is meant, and reads. */
  private void withTimeline(Exchange exchange, OfTimeline reading) {
    TimelineName name = TimelineName.parse(exchange.rawPath().get(3));
    @Nullable TimelineId id = name.id();
    if (id != null) {
      read(exchange, () -> reading.read(id));
      return;
    }
    read(
        exchange,
        () -> {
          Answers.Timelines here = ToJson.timelines(reads.timelines(exchange.limit()));
          if (exchange.isForwarded()) {
            reading.read(name.among(here.timelines()));
          } else {
            all(
                exchange,
                here,
                all -> {
                  TimelineId found = name.among(all.timelines());
                  read(exchange, () -> reading.read(found));
                });
          }
        });
  }

  /** Answers with what another instance says; no thread waits for it. */
  private void elsewhere(Exchange exchange, TimelineId timeline, RuntimeException here) {
    if (exchange.isForwarded()) {
      throw here;
    }
    List<String> path = new ArrayList<>(exchange.rawPath());
    path.set(3, timeline.toString());
    String query = exchange.rawQuery();
    var unused =
        forwarding
            .ask(
                timeline,
                new Forwarding.Question(
                    String.join("/", path) + (query == null ? "" : "?" + query),
                    exchange.header("If-None-Match"),
                    exchange.limit()),
                here)
            .whenComplete(
                (answer, failure) -> {
                  try {
                    if (failure != null) {
                      exchange.fail(failure);
                    } else if (answer.reply() != null) {
                      exchange.passOn(answer.reply());
                    } else if (answer.failure() != null) {
                      exchange.fail(answer.failure());
                    }
                  } catch (RuntimeException e) {
                    exchange.fail(e);
                  }
                });
  }
}
