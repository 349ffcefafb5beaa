package io.walstrata.layerstore;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import org.junit.jupiter.api.Test;

/** Imports go one way: streams, door, layer, format, io, page; retry imports nothing. */
class ImportsTest {
  private static final String ROOT = "io.walstrata.layerstore";
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static LayeredArchitecture packages() {
    return layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
        .layer("streams")
        .definedBy(ROOT + ".streams..")
        .layer("door")
        .definedBy(ROOT)
        .layer("layer")
        .definedBy(ROOT + ".layer..")
        .layer("format")
        .definedBy(ROOT + ".format..")
        .layer("io")
        .definedBy(ROOT + ".io..")
        .layer("page")
        .definedBy(ROOT + ".page..")
        .layer("retry")
        .definedBy(ROOT + ".retry..")
        .ensureAllClassesAreContainedInArchitecture();
  }

  private static final ArchRule ONE_WAY =
      packages()
          .whereLayer("streams")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("door")
          .mayOnlyBeAccessedByLayers("streams")
          .whereLayer("layer")
          .mayOnlyBeAccessedByLayers("door")
          .whereLayer("format")
          .mayOnlyBeAccessedByLayers("door", "layer")
          .whereLayer("io")
          .mayOnlyBeAccessedByLayers("streams", "door", "layer", "format")
          .whereLayer("retry")
          .mayNotAccessAnyLayer();

  @Test
  void imports_goOneWay() {
    ONE_WAY.check(CLASSES);
  }

  @Test
  void engine_doesNotKnowKafka() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".streams..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "org.apache.avro..")
        .check(CLASSES);
  }

  @Test
  void onlyIo_opensFiles() {
    // java.io.File itself is a name, and Kafka Streams gives directories as one.
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".io..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.Files")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.nio.channels..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File.+|RandomAccessFile)")
        .check(CLASSES);
  }

  @Test
  void rules_doFindViolations() {
    // The same packages with the arrows turned round: were nothing imported, this would pass too.
    assertThatThrownBy(
            () -> packages().whereLayer("page").mayNotBeAccessedByAnyLayer().check(CLASSES))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                noClasses()
                    .that()
                    .resideInAPackage(ROOT + ".streams..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.kafka..")
                    .check(CLASSES))
        .isInstanceOf(AssertionError.class);
  }
}
