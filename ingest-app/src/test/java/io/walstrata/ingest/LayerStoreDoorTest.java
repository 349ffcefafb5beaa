package io.walstrata.ingest;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Job, harness and their tests use of the layer store what any user of the library may. */
class LayerStoreDoorTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPackages("io.walstrata.ingest", "io.walstrata.postgres", "io.walstrata.harness");

  private static ArchRule usesNothingOf(String packages) {
    return noClasses().should().dependOnClassesThat().resideInAPackage(packages);
  }

  @Test
  void nothing_usesTheInsideOfTheLayerStore() {
    assertThat(CLASSES.stream().map(JavaClass::getSimpleName)).contains("LayerStoreDoorTest");
    usesNothingOf("io.walstrata.layerstore..internal..").check(CLASSES);
  }

  @Test
  void theRule_findsViolations() {
    assertThatThrownBy(() -> usesNothingOf("io.walstrata.layerstore..page..").check(CLASSES))
        .isInstanceOf(AssertionError.class);
  }
}
