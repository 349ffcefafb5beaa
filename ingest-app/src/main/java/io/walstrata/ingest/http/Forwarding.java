package io.walstrata.ingest.http;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.ReadLimit;
import io.walstrata.layerstore.page.TimelineId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gets from other instances what this one does not have. Thread-safe.
 *
 * <p>A message's routing key, not its timeline, chooses the partition, so nobody can compute who
 * has a timeline: all are asked, and who had it is remembered. A question is passed on once: who
 * gets it from an instance answers for itself.
 */
final class Forwarding {
  private static final int MOST_OWNERS = 10_000;

  private final Peers peers;
  private final PeerClient client;

  /** Who answered last; a hint. Guarded by itself, the oldest goes first. */
  private final Map<TimelineId, String> owners =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TimelineId, String> eldest) {
          return size() > MOST_OWNERS;
        }
      };

  Forwarding(Peers peers, PeerClient client) {
    this.peers = peers;
    this.client = client;
  }

  /**
   * What to ask.
   *
   * @param ifNoneMatch the client's condition, if it has one
   * @param limit what failures may take; a good answer is passed on as it comes
   */
  record Question(String pathAndQuery, @Nullable String ifNoneMatch, ReadLimit limit) {}

  /** What to answer: another instance's reply as it is, or a failure of our own. */
  record Answer(PeerClient.@Nullable Reply reply, Answers.@Nullable Failure failure) {
    static Answer of(PeerClient.Reply reply) {
      return new Answer(reply, null);
    }

    static Answer of(Exception failure) {
      return new Answer(null, Errors.of(failure));
    }
  }

  /**
   * Asks the instance that has the timeline.
   *
   * @param question asked as it is
   * @param here why this instance has no answer; it is the answer if the others have none either
   * @return a future that never fails
   */
  CompletableFuture<Answer> ask(TimelineId timeline, Question question, RuntimeException here) {
    Peers.View view;
    try {
      view = peers.view();
    } catch (NotReadyException e) {
      return CompletableFuture.completedFuture(Answer.of(e));
    }
    if (here instanceof LsnNotReachedException && !view.hasStandbys()) {
      return CompletableFuture.completedFuture(Answer.of(here)); // nobody is further
    }
    String owner;
    synchronized (owners) {
      owner = owners.get(timeline);
    }
    if (owner == null || !view.others().contains(owner)) {
      return askAll(view, timeline, question, here);
    }
    return get(owner, question)
        .thenCompose(
            reply ->
                reply.isOpen(view.hasStandbys())
                    ? askAll(view, timeline, question, here)
                    : CompletableFuture.completedFuture(Answer.of(reply)));
  }

  /** Asks all at once; the first that knows the timeline ends it. */
  private CompletableFuture<Answer> askAll(
      Peers.View view, TimelineId timeline, Question question, RuntimeException here) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    List<CompletableFuture<PeerClient.Reply>> replies = new ArrayList<>();
    for (String other : view.others()) {
      replies.add(
          get(other, question)
              .thenApply(
                  reply -> {
                    if (!reply.isOpen(view.hasStandbys())) {
                      if (answer.complete(Answer.of(reply))) {
                        remember(timeline, other);
                      } else {
                        reply.discard();
                      }
                    }
                    return reply;
                  }));
    }
    CompletableFuture<Boolean> unused =
        CompletableFuture.allOf(replies.toArray(CompletableFuture<?>[]::new))
            .handle(
                (all, failure) ->
                    answer.complete(
                        failure instanceof Exception e
                            ? Answer.of(e)
                            : nobody(
                                view,
                                replies.stream().map(CompletableFuture::join).toList(),
                                here)));
    return answer;
  }

  private CompletableFuture<PeerClient.Reply> get(String address, Question question) {
    return client.get(
        address,
        question.pathAndQuery(),
        question.ifNoneMatch(),
        question.limit(),
        /* isStreamed= */ true);
  }

  private void remember(TimelineId timeline, String owner) {
    synchronized (owners) {
      owners.remove(timeline);
      owners.put(timeline, owner);
    }
  }

  /** "Nobody has it" is only known when all partitions were asked. */
  private static Answer nobody(
      Peers.View view, List<PeerClient.Reply> replies, RuntimeException here) {
    Optional<Answer> behind = furthest(replies, here);
    if (behind.isPresent()) {
      return behind.get();
    }
    for (PeerClient.Reply reply : replies) {
      RuntimeException failure = reply.failure();
      if (failure != null) {
        return Answer.of(failure);
      }
    }
    if (here instanceof NotReadyException) {
      return Answer.of(here);
    }
    for (PeerClient.Reply reply : replies) {
      if (reply.isNotReady()) {
        return Answer.of(reply);
      }
    }
    return Answer.of(view.missing().isEmpty() ? here : missing(view));
  }

  /** Returns the answer of who has the timeline and has come furthest, if somebody has it. */
  private static Optional<Answer> furthest(List<PeerClient.Reply> replies, RuntimeException here) {
    Optional<PeerClient.Reply> there =
        replies.stream()
            .filter(PeerClient.Reply::isNotReached)
            .max(Comparator.comparing(Forwarding::lastLsn));
    if (here instanceof LsnNotReachedException notReached
        && there.map(reply -> !lastLsn(reply).isAfter(notReached.lastLsn())).orElse(true)) {
      return Optional.of(Answer.of(here));
    }
    return there.map(Answer::of);
  }

  private static Lsn lastLsn(PeerClient.Reply notReached) {
    String lastLsn = notReached.as(Answers.Failure.class).lastLsn();
    return lastLsn == null ? Lsn.INVALID : Lsn.parse(lastLsn);
  }

  private static NotReadyException missing(Peers.View view) {
    return new NotReadyException(
        "no instance is known to have these partitions; if all run, check that each has its own"
            + " advertised.http.address: partitions="
            + view.missing());
  }

  /**
   * Adds the timelines of all other instances to those of this one. A timeline that several have,
   * because of standbys, is told of where it is furthest.
   *
   * @param limit asked before what the others answer is kept
   * @return a future that fails if an instance does not answer: a list that lacks some would look
   *     like the whole
   * @throws NotReadyException if the job does not run, or nobody is known to have some partition
   */
  CompletableFuture<Answers.Timelines> timelines(Answers.Timelines here, ReadLimit limit) {
    Peers.View view = peers.view();
    if (!view.missing().isEmpty()) {
      throw missing(view);
    }
    List<CompletableFuture<PeerClient.Reply>> replies =
        view.others().stream()
            .map(
                other ->
                    client.get(
                        other,
                        "/v1/timelines?local=true",
                        /* ifNoneMatch= */ null,
                        limit,
                        /* isStreamed= */ false))
            .toList();
    return CompletableFuture.allOf(replies.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> merged(here, replies.stream().map(CompletableFuture::join).toList()));
  }

  private static Answers.Timelines merged(Answers.Timelines ours, List<PeerClient.Reply> replies) {
    Map<String, Answers.Timeline> all = new TreeMap<>();
    ours.timelines().forEach(each -> add(all, each));
    replies.forEach(reply -> theirs(reply).timelines().forEach(each -> add(all, each)));
    return new Answers.Timelines(List.copyOf(all.values()));
  }

  private static void add(Map<String, Answers.Timeline> all, Answers.Timeline each) {
    all.merge(each.timeline(), each, Answers.Timeline::with);
  }

  private static Answers.Timelines theirs(PeerClient.Reply reply) {
    RuntimeException failure = reply.failure();
    if (failure != null) {
      throw failure;
    }
    if (reply.status() != 200) {
      throw new ApiException(reply.as(Answers.Failure.class));
    }
    return reply.as(Answers.Timelines.class);
  }
}
