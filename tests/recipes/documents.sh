#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# doc/recipes/documents.md, with a page of its own and a boot loader of Debian's.
# shellcheck source=tests/recipes/console.sh
. "$(dirname "$0")/console.sh"

SOME_PDF=$work/some.pdf
export SOME_PDF
python3 - "$SOME_PDF" <<'END'
import sys

objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
           b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources << >> >>"]
text, places = b"%PDF-1.7\n", []
for number, contents in enumerate(objects, 1):
    places.append(len(text))
    text += b"%d 0 obj\n%s\nendobj\n" % (number, contents)
table = len(text)
text += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
text += b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table
open(sys.argv[1], "wb").write(text)
END

step "the recipe"
recipe documents
