/** What the browser test pushes: a run with a matrix, needs, annotations, a summary, and one job that fails the first time. */
export const ci = `name: ci
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Compile
        run: |
          echo "::group::Environment"
          for i in $(seq 1 20); do echo "VAR_$i=value"; done
          echo "::endgroup::"
          printf '\\033[1;32m✓\\033[0m built in \\033[33m1.2 s\\033[0m, \\033[38;2;120;90;200mviolet\\033[0m \\033[41m red \\033[0m\\n'
          printf '\\033]0;a title\\007\\033]8;;https://evil.example\\033\\\\link\\033]8;;\\033\\\\ <b>not bold</b>\\n'
          echo "::warning file=src/app.ts,line=12::Unexpected console statement"
          printf '## Build\\n\\n| Part | Size |\\n|---|---:|\\n| app | 412 KB |\\n\\n<img src=x onerror=alert(1)>\\n' >> "$GITHUB_STEP_SUMMARY"
      - run: mkdir out && echo hello > out/app.txt
      - uses: actions/upload-artifact@v4
        with:
          name: app
          path: out
  test:
    needs: build
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        node: [20, 22, 24]
        os: [linux, alpine]
    steps:
      - run: echo "node \${{ matrix.node }} on \${{ matrix.os }}"
  unit:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - name: Unit tests
        run: |
          for i in $(seq 1 2000); do echo "case $i passed"; done
          if [ "$GITHUB_RUN_ATTEMPT" = 1 ]; then
            echo "::error file=src/tax.test.ts,line=48,title=rounds per line::Expected 12.40 but got 12.41"
            for i in $(seq 1 500); do echo "tear down $i"; done
            exit 1
          fi
          echo "all is well on the second try"
  report:
    needs: [test, unit]
    runs-on: ubuntu-latest
    steps:
      - run: echo reported
`;

/** A job that goes on until it is stopped, and says so all the time. */
export const endless = `name: endless
on: [push]
jobs:
  watch:
    runs-on: ubuntu-latest
    steps:
      - name: Watch
        run: |
          i=0
          while true; do i=$((i+1)); echo "tick $i"; sleep 0.05; done
`;

/** A log of a million lines. */
export const million = `name: million
on: [push]
jobs:
  print:
    runs-on: ubuntu-latest
    steps:
      - name: Print
        run: seq -f 'line %.0f of a million' 1 1000000
`;

/** Runs only when somebody starts it, with what they say. */
export const byHand = `name: by hand
run-name: "Greet with <b>\${{ inputs.greeting }}</b>"
on:
  workflow_dispatch:
    inputs:
      greeting:
        required: true
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - run: test "$GREETING" = "hello from the page"
        env:
          GREETING: \${{ inputs.greeting }}
`;

/** Takes a group that one run at a time may have, and keeps it. */
export const grouped = `name: deploy
on: [push]
concurrency: production
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Roll out
        run: echo rolling out; sleep 600
`;

/** Asks for a runner that nobody has. */
export const unanswered = `name: flash
on: [push]
jobs:
  compile:
    runs-on: ubuntu-latest
    steps: [{ run: echo compiled }]
  flash:
    needs: compile
    runs-on: [self-hosted, lab-bench, jtag]
    steps: [{ run: echo flashed }]
  verify:
    needs: flash
    runs-on: ubuntu-latest
    steps: [{ run: echo verified }]
  announce:
    needs: [verify, compile]
    runs-on: ubuntu-latest
    steps: [{ run: echo announced }]
`;

/** Steps that come after each other, of which one fails with a compiler's words and no command. */
export const graph = `when: [{ event: push }]
steps:
  - name: install
    image: alpine
    commands: [echo installed]
  - name: lint
    image: alpine
    depends_on: [install]
    commands: [echo linted]
  - name: integration
    image: alpine
    depends_on: [install]
    commands: ["seq 1 2000 | sed 's/$/ and the rest of a line that is much longer than a phone is wide, as they are in real life, again and again/'", "echo 'src/db.ts:3:9: error: connection refused'", "seq 1 2 | sed 's/$/ and more/'", "exit 1"]
  - name: package
    image: alpine
    depends_on: [lint, integration]
    commands: [echo packaged]
`;

/** A file that cannot be compiled. */
export const broken = `name: broken
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    stepz: []
`;
