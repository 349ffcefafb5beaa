package io.walstrata.ingest.docker;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The instructions of a Dockerfile, in order. */
final class Dockerfile {
  /**
   * One instruction.
   *
   * @param stage number of the stage that it is in, 0 for the first
   * @param name in upper case
   * @param arguments the rest of it, lines joined
   */
  record Instruction(int stage, String name, String arguments) {
    /** Returns the arguments of the JSON form; those of {@code HEALTHCHECK} stand after CMD. */
    List<String> words() throws IOException {
      return new ObjectMapper()
          .readValue(arguments.substring(arguments.indexOf('[')), new TypeReference<>() {});
    }
  }

  private final List<Instruction> instructions;

  private Dockerfile(List<Instruction> instructions) {
    this.instructions = instructions;
  }

  static Dockerfile read(Path file) throws IOException {
    List<Instruction> instructions = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    int stage = -1;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("#") || (line.isBlank() && open.isEmpty())) {
        continue;
      }
      if (line.endsWith("\\")) {
        open.append(line, 0, line.length() - 1);
        continue;
      }
      String[] parts = open.append(line).toString().strip().split("\\s+", 2);
      open.setLength(0);
      if (parts[0].equals("FROM")) {
        stage++;
      }
      instructions.add(new Instruction(stage, parts[0], parts[1]));
    }
    return new Dockerfile(instructions);
  }

  List<Instruction> all(String name) {
    return instructions.stream().filter(each -> each.name().equals(name)).toList();
  }

  /** Returns the arguments of the only instruction of that name that begins so. */
  String only(String name, String beginning) {
    List<String> found =
        all(name).stream()
            .map(Instruction::arguments)
            .filter(each -> each.startsWith(beginning))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(name + " " + beginning + ": expected one, found " + found);
    }
    return found.get(0);
  }

  /** Returns what is the last of that name, which is the image's. */
  Instruction last(String name) {
    List<Instruction> all = all(name);
    return all.get(all.size() - 1);
  }
}
