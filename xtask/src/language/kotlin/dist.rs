//! What Maven Central gets, with this platform's library alone.

use std::fs;

use anyhow::Result;

use super::{PACKAGE, downloading, native, prepare_release};
use crate::dist::{Dist, newest};
use crate::tool;

const INSTALL: &str = "org.apache.maven.plugins:maven-install-plugin:install-file";

pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    prepare_release(dist.workspace)?;
    if cfg!(target_os = "linux") {
        // Bindgen has read its symbols.
        let library = newest(&native(dist.workspace), "lib", ".so")?;
        dist.workspace.step("strip").arg("--strip-unneeded").arg(library).run()?;
    }
    let package = ["package", "-DskipTests", "-Dmaven.test.skip=true"];
    let package = tool::maven(dist.workspace, PACKAGE).args(package);
    downloading(dist.workspace, package, "120 MB").named("mvn package, without the tests").run()?;
    let [jar, pom] = files(dist);
    fs::copy(dist.workspace.path(PACKAGE).join("target").join(&jar), dist.folder.join(&jar))?;
    dist.copy("bindings/kotlin/pom.xml", &dist.folder.join(&pom))?;
    let (jar, pom) = (dist.package(&jar), dist.package(&pom));
    Ok(vec![
        format!("mvn {INSTALL} -Dfile={jar} -DpomFile={pom}"),
        format!("then depend on io.github.stytch-m2m:stytch-m2m:{}", dist.version),
    ])
}

fn files(dist: &Dist<'_>) -> [String; 2] {
    ["jar", "pom"].map(|kind| format!("stytch-m2m-{}.{kind}", dist.version))
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    build(dist)?;
    let [jar, pom] = files(dist);
    // A project of its own, which finds the jar in a repository.
    let home = dist.empty("jvm-proof")?;
    let repository = home.join("repository");
    tool::maven(dist.workspace, &home)
        .arg(INSTALL)
        .arg(format!("-Dfile={}", dist.folder.join(&jar).display()))
        .arg(format!("-DpomFile={}", dist.folder.join(&pom).display()))
        .arg(format!("-DlocalRepositoryPath={}", repository.display()))
        .run()?;
    fs::write(home.join("pom.xml"), project(dist, &repository.display().to_string())?)?;
    dist.copy("examples/kotlin/programs/Quickstart.kt", &home.join("Quickstart.kt"))?;
    let run = ["--quiet", "compile", "exec:java", "-Dexec.mainClass=QuickstartKt"];
    dist.quickstart(tool::maven(dist.workspace, &home).args(run))
}

/// The smallest project that depends on the jar; its plugins' versions are the package's.
fn project(dist: &Dist<'_>, repository: &str) -> Result<String> {
    let package = fs::read_to_string(dist.workspace.path(PACKAGE).join("pom.xml"))?;
    let of = |start: &str| {
        let version = package.split_once(start).and_then(|(_, rest)| rest.split_once('<'));
        version.map_or(String::new(), |(version, _)| version.to_owned())
    };
    let kotlin = of("<kotlin.version>");
    let exec = of("<artifactId>exec-maven-plugin</artifactId>\n        <version>");
    Ok(format!(
        r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>proof</groupId>
  <artifactId>proof</artifactId>
  <version>0</version>
  <properties><kotlin.compiler.daemon>false</kotlin.compiler.daemon></properties>
  <repositories><repository><id>proof</id><url>file://{repository}</url></repository></repositories>
  <dependencies>
    <dependency>
      <groupId>io.github.stytch-m2m</groupId>
      <artifactId>stytch-m2m</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
  <build>
    <sourceDirectory>.</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId>
        <artifactId>kotlin-maven-plugin</artifactId>
        <version>{kotlin}</version>
        <executions>
          <execution><id>compile</id><goals><goal>compile</goal></goals></execution>
        </executions>
      </plugin>
      <plugin>
        <groupId>org.codehaus.mojo</groupId>
        <artifactId>exec-maven-plugin</artifactId>
        <version>{exec}</version>
      </plugin>
    </plugins>
  </build>
</project>
"#,
        version = dist.version
    ))
}
