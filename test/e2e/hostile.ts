/** Names and output that try to be more than text. */

const override = "\u202E";
const endless = "W".repeat(300);

export const title = `<img src=x onerror=alert(1)> "quoted" ${override}gpj.exe 💥 ${endless}`;
export const branch = `feature/<script>alert(1)</script>-${"y".repeat(150)}-😀`;
export const workflowName = `<script>alert("workflow")</script> ${override}txt.exe`;
export const jobName = `<svg onload=alert(2)> ${"x".repeat(120)} 🧪`;
export const stepName = `"><script>alert(3)</script>`;

/** A workflow whose every name and line is meant to be taken for something else. */
export const hostile = `name: '${workflowName}'
on: [push]
jobs:
  a:
    name: '${jobName}'
    runs-on: ubuntu-latest
    steps:
      - name: '${stepName}'
        run: |
          echo '<script>alert(4)</script><img src=x onerror=alert(4)>'
          printf '\\033]8;;javascript:alert(5)\\033\\\\click me\\033]8;;\\033\\\\ after\\n'
          printf '\\033]0;a title\\007\\033]52;c;aGVsbG8=\\007\\033[2J\\033[1;1Hcleared\\n'
          printf 'real${override}gpj.exe\\n'
          printf '%s\\n' '${"z".repeat(20_000)}'
          echo "::group::<b>group</b>"
          echo inside
          echo "::endgroup::"
          echo "::error file=javascript:alert(6),title=<b>title</b>::<img src=x onerror=alert(7)> [x](javascript:alert(8))"
          echo "::warning::${override}reversed"
          echo "::notice file=${"n".repeat(300)}::${endless}"
          cat >> "$GITHUB_STEP_SUMMARY" <<'EOF'
          # <script>alert(9)</script>
          [link](javascript:alert(10)) <a href="javascript:alert(11)">raw</a> <iframe src="//evil.example"></iframe>
          ![picture](http://evil.example/x.png) [data](data:text/html,<script>alert(12)</script>) [good](https://example.org/)
          | ${"c".repeat(300)} | b |
          |---|---|
          | ${"d".repeat(300)} | <style>body{display:none}</style> |
          EOF
          exit 1
`;
