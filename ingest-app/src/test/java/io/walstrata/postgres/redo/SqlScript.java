package io.walstrata.postgres.redo;

import java.util.ArrayList;
import java.util.List;

/**
 * A script of SQL statements and directives. A statement ends with a semicolon at the end of a
 * line, outside of {@code $$}. A directive is a line of its own:
 *
 * <ul>
 *   <li>{@code --# setting NAME=VALUE}: of the server, from the next start on; at the top of the
 *       script from the first
 *   <li>{@code --# initdb ARGUMENT}: at the top of the script
 *   <li>{@code --# session NAME [DATABASE]}: the statements after it go to this connection, which
 *       is opened if it is not; without a database name, to the database {@code postgres}
 *   <li>{@code --# close NAME}: closes a connection
 *   <li>{@code --# fails}: the next statement must fail
 *   <li>{@code --# restart}, {@code --# crash}: stops or kills the server and starts it; all
 *       connections are closed
 *   <li>{@code --# backup start}, {@code copy even}, {@code copy odd}, {@code stop}: a base backup
 *       of the running server, of half of its files at a time
 *   <li>{@code --# log}: the log that is left begins here, with a checkpoint
 *   <li>{@code --# repeat COUNT}: the next statement, so many times, each in its own transaction
 * </ul>
 *
 * @param steps in order
 */
record SqlScript(List<Step> steps) {
  /**
   * One step.
   *
   * @param directive null for a statement
   * @param text the statement, or the directive's arguments
   */
  record Step(int line, String directive, String text) {
    boolean isStatement() {
      return directive.isEmpty();
    }
  }

  /** Returns whether the script makes a base backup. */
  boolean hasBackup() {
    return steps.stream().anyMatch(step -> step.directive().equals("backup"));
  }

  static SqlScript parse(String script) {
    List<Step> steps = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    int start = 0;
    int number = 0;
    for (String line : script.lines().toList()) {
      number++;
      String stripped = line.strip();
      if (statement.isEmpty() && (stripped.isEmpty() || stripped.startsWith("--"))) {
        if (stripped.startsWith("--#")) {
          String[] parts = stripped.substring(3).strip().split("\\s+", 2);
          steps.add(new Step(number, parts[0], parts.length > 1 ? parts[1] : ""));
        }
        continue;
      }
      start = statement.isEmpty() ? number : start;
      statement.append(line).append('\n');
      boolean isQuoted = statement.toString().split("\\$\\$", -1).length % 2 == 0;
      if (stripped.endsWith(";") && !isQuoted) {
        steps.add(new Step(start, "", statement.toString()));
        statement.setLength(0);
      }
    }
    if (!statement.isEmpty()) {
      throw new IllegalArgumentException("statement without an end: line=" + start);
    }
    return new SqlScript(steps);
  }
}
