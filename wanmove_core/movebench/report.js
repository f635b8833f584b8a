/** Sorts the table of cases by the column whose head is clicked. Nothing else runs on the page. */

for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const table = button.closest("table");
    const body = table?.tBodies[0];
    if (!head || !body) {
      return;
    }
    const column = head.cellIndex;
    const up = head.getAttribute("aria-sort") === "descending";
    for (const other of table.querySelectorAll("th[aria-sort]")) {
      other.removeAttribute("aria-sort");
    }
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (/** @type {HTMLTableRowElement} */ row) => row.cells[column].dataset.value ?? "";
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [value(one), value(other)];
      // what has no figure stays below
      if (a === "" || b === "") {
        return Number(a === "") - Number(b === "");
      }
      const order = Number.isNaN(Number(a)) ? a.localeCompare(b) : Number(a) - Number(b);
      return up ? order : -order;
    });
    body.append(...rows);
  });
}
