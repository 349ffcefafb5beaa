package io.walstrata.harness.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The user that PostgreSQL runs as: this process's own, or, since PostgreSQL refuses to run as
 * root, an unprivileged one when this process is root.
 */
final class PostgresUser {
  private static final List<String> CANDIDATES = List.of("nobody", "daemon");
  private static final List<Path> SETPRIV =
      List.of(Path.of("/usr/bin/setpriv"), Path.of("/bin/setpriv"));

  private final @Nullable String name;
  private final List<String> prefix;

  private PostgresUser(@Nullable String name, List<String> prefix) {
    this.name = name;
    this.prefix = prefix;
  }

  /**
   * Chooses the user.
   *
   * @throws PostgresUnavailableException if this process is root and cannot become another user
   */
  static PostgresUser choose() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return new PostgresUser(null, List.of());
    }
    Optional<Path> setpriv = SETPRIV.stream().filter(Files::isExecutable).findFirst();
    if (setpriv.isEmpty()) {
      throw new PostgresUnavailableException(
          "postgresql must not run as root, and setpriv (package util-linux) is missing: run as"
              + " another user or install it");
    }
    for (String candidate : CANDIDATES) {
      PostgresUser user =
          new PostgresUser(
              candidate,
              List.of(
                  setpriv.get().toString(),
                  "--reuid=" + candidate,
                  "--regid=" + candidate,
                  "--init-groups"));
      for (PostgresUser variant : List.of(user, user.withGroupNogroup(setpriv.get()))) {
        if (variant.succeeds("/bin/sh", "-c", "exit 0")) {
          return variant;
        }
      }
    }
    throw new PostgresUnavailableException(
        "postgresql must not run as root, and no other user could be used: tried=" + CANDIDATES);
  }

  private PostgresUser withGroupNogroup(Path setpriv) {
    // "nobody" has a group of its own name on some systems only.
    return new PostgresUser(
        name, List.of(setpriv.toString(), "--reuid=" + name, "--regid=nogroup", "--clear-groups"));
  }

  /** Returns the command, to be run as this user. */
  List<String> command(List<String> command) {
    List<String> whole = new ArrayList<>(prefix);
    whole.addAll(command);
    return whole;
  }

  /** Returns whether this user can run the program, the way to it included. */
  boolean canRun(Path program) {
    return succeeds("/usr/bin/test", "-x", program.toString());
  }

  /** Returns whether this user can create files in the folder. */
  boolean canWrite(Path folder) {
    return succeeds("/usr/bin/test", "-w", folder.toString());
  }

  private boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command(List.of(command)))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while choosing a user for postgresql", e);
    }
  }

  /** Makes the folder this user's. */
  void own(Path folder) throws IOException {
    if (name != null) {
      UserPrincipal principal =
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
      Files.setOwner(folder, principal);
    }
  }

  @Override
  public String toString() {
    return name == null ? System.getProperty("user.name") : name;
  }
}
