package io.walstrata.ingest.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a running job over HTTP, with the calling thread. Thread-safe. */
public final class JobClient {
  /*
   * Instances ask each other with PeerClient: without a thread that waits, answers passed on as they
   * come and counted in the budget of all answers. Nothing of that is of use here.
   */

  /** Where the job reports whether it is ready. */
  public static final String READY = "/health/ready";

  /** Where the job reports its status. */
  public static final String STATUS = "/v1/status";

  /** Where the job lists its timelines. */
  public static final String TIMELINES = "/v1/timelines";

  /** More than this is no answer that can be shown or compared. */
  private static final int MAX_ANSWER_BYTES = 1 << 30;

  private final HttpClient client;
  private final String base;
  private final Duration answerTimeout;
  private final int maxAnswerBytes;

  /**
   * Returns a client of one instance; it is not asked yet.
   *
   * @param url of the instance, without the path of the interface
   * @param answerTimeout until an answer begins
   * @throws IllegalArgumentException if it is not an HTTP URL
   */
  public JobClient(String url, Duration connectTimeout, Duration answerTimeout) {
    this(url, connectTimeout, answerTimeout, MAX_ANSWER_BYTES);
  }

  JobClient(String url, Duration connectTimeout, Duration answerTimeout, int maxAnswerBytes) {
    this.base = requireHttp(url);
    this.client = HttpClient.newBuilder().connectTimeout(connectTimeout).build();
    this.answerTimeout = answerTimeout;
    this.maxAnswerBytes = maxAnswerBytes;
  }

  private static String requireHttp(String url) {
    String advice = "not an HTTP URL like http://127.0.0.1:8090: url=" + url;
    URI uri;
    try {
      uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(advice, e);
    }
    boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!isHttp || uri.getHost() == null) {
      throw new IllegalArgumentException(advice);
    }
    return uri.toString();
  }

  /**
   * Returns the path of a page; parameters can follow a {@code ?}.
   *
   * @param timeline in any form that the interface takes
   * @param key in any form that the interface takes
   */
  public static String page(String timeline, String key) {
    return TIMELINES + "/" + encode(timeline) + "/pages/" + encode(key);
  }

  /** Returns the path of the size of the file that has a page, as {@link #page} does. */
  public static String size(String timeline, String key) {
    return TIMELINES + "/" + encode(timeline) + "/sizes/" + encode(key);
  }

  /**
   * Returns the path of a timeline's layers.
   *
   * @param timeline in any form that the interface takes
   */
  public static String layers(String timeline) {
    return TIMELINES + "/" + encode(timeline) + "/layers";
  }

  /** Returns a part of a path, or a parameter, as it is in a URL. */
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Returns the URL of a path. */
  public URI url(String pathAndQuery) {
    return URI.create(base + pathAndQuery);
  }

  /**
   * Gets a path.
   *
   * @param pathAndQuery with its leading slash, encoded
   * @return the answer, good or bad
   * @throws IOException if there is no answer, or it is too large
   */
  public Reply get(String pathAndQuery) throws IOException, InterruptedException {
    return get(pathAndQuery, "application/json");
  }

  /**
   * Gets the bytes of a page; a bad answer is JSON.
   *
   * @param pathAndQuery of {@link #page}
   * @throws IOException as from {@link #get}
   */
  public Reply getBytes(String pathAndQuery) throws IOException, InterruptedException {
    return get(pathAndQuery, Exchange.BYTES);
  }

  private Reply get(String pathAndQuery, String accepted) throws IOException, InterruptedException {
    URI url = url(pathAndQuery);
    HttpResponse<InputStream> response =
        client.send(
            HttpRequest.newBuilder(url).timeout(answerTimeout).header("Accept", accepted).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(maxAnswerBytes);
      if (bytes.length == maxAnswerBytes && body.read() >= 0) {
        throw new IOException(
            "the answer is too large: url=" + url + ", limitBytes=" + maxAnswerBytes);
      }
      return new Reply(url, response.statusCode(), response.headers(), bytes);
    }
  }

  /**
   * An answer, good or bad.
   *
   * @param status of HTTP
   * @param headers of HTTP
   * @param body JSON, if a job answered, or bytes if they were asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // Passed on, never compared.
  public record Reply(URI url, int status, HttpHeaders headers, byte[] body) {
    public boolean isOk() {
      return status == 200;
    }

    /** Returns the body as it came. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /**
     * Returns the body as one of the interface's answers. Fields that this version does not know
     * are ignored: a newer job may have them.
     *
     * @throws IOException if it is not that
     */
    public <T> T as(Class<T> type) throws IOException {
      try {
        return Json.MAPPER.readValue(body, type);
      } catch (IOException e) {
        throw foreign(e);
      }
    }

    /**
     * Returns the failure that a bad answer reports.
     *
     * @throws IOException if it is not an answer of a job
     */
    public Answers.Failure failure() throws IOException {
      Answers.Failure failure = as(Answers.Failure.class);
      if (failure.code() == null) {
        throw foreign(null);
      }
      return failure;
    }

    /**
     * Returns the code of {@link #failure}; empty if this version does not know it.
     *
     * @throws IOException if it is not an answer of a job
     */
    public Optional<Errors.Code> code() throws IOException {
      return Errors.Code.of(failure().code());
    }

    private IOException foreign(@Nullable IOException cause) {
      return new IOException(
          "the answer is not a Walstrata job's: url=" + url + ", status=" + status, cause);
    }
  }
}
