package io.walstrata.ingest.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.http.Errors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a running job over HTTP. */
final class JobClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

  /** A newer job may answer with fields that this client does not know. */
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final URI base;

  /**
   * @param url of the job, without the path of the interface
   * @throws CommandFailedException if it is not an HTTP URL
   */
  JobClient(String url) {
    try {
      base = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(ExitStatus.USAGE, "not a URL: url=" + url, e);
    }
    boolean isHttp = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
    if (!isHttp || base.getHost() == null) {
      throw new CommandFailedException(
          ExitStatus.USAGE, "not an HTTP URL like http://127.0.0.1:8090: url=" + url);
    }
  }

  /**
   * Gets a path.
   *
   * @param pathAndQuery with its leading slash, encoded
   * @throws CommandFailedException if there is no answer, or an answer that is not the interface's
   */
  Reply get(String pathAndQuery) throws InterruptedException {
    URI uri = URI.create(base + pathAndQuery);
    HttpResponse<String> response;
    try {
      response =
          HttpClient.newBuilder()
              .connectTimeout(CONNECT_TIMEOUT)
              .build()
              .send(
                  HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT).build(),
                  HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CommandFailedException(
          ExitStatus.UNAVAILABLE,
          "the job does not answer, is it running there? (--url): url=" + uri + ", error=" + e,
          e);
    }
    return new Reply(uri, response.statusCode(), response.body());
  }

  /** An answer, good or bad. */
  record Reply(URI uri, int status, String body) {
    boolean isOk() {
      return status == 200;
    }

    /** Returns the body as one of the interface's answers. */
    <T> T as(Class<T> type) {
      try {
        return JSON.readValue(body, type);
      } catch (JsonProcessingException e) {
        throw new CommandFailedException(
            ExitStatus.FAILED,
            "the answer is not a Walstrata job's: url=" + uri + ", status=" + status,
            e);
      }
    }

    /** Returns the exit status that the answer stands for. */
    int exitStatus() {
      return switch (status) {
        case 200 -> ExitStatus.OK;
        case 400 -> ExitStatus.USAGE;
        case 404 ->
            Errors.Code.BEFORE_HISTORY.text().equals(failure().code())
                ? ExitStatus.BEFORE_HISTORY
                : ExitStatus.NO;
        case 409 ->
            Errors.Code.LSN_NOT_REACHED.text().equals(failure().code())
                ? ExitStatus.NOT_REACHED
                : ExitStatus.FAILED;
        case 503 -> ExitStatus.UNAVAILABLE;
        default -> ExitStatus.FAILED;
      };
    }

    /** Returns the failure that the answer tells of. */
    Answers.Failure failure() {
      Answers.Failure failure = as(Answers.Failure.class);
      if (failure.code() == null) {
        throw new CommandFailedException(
            ExitStatus.FAILED,
            "the answer is not a Walstrata job's: url=" + uri + ", status=" + status);
      }
      return failure;
    }
  }
}
