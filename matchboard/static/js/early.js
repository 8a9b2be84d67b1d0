// Runs before the page is drawn: tells the stylesheet that scripts work, so nothing jumps later.
document.documentElement.classList.add("js");

// Back or forward before htmx listens: the address has changed, so the page must as well.
addEventListener("popstate", (event) => {
  if (event.state?.htmx && !window.onpopstate) location.reload();
});
