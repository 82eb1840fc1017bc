/**
 * What runs in the reader's browser: draws the figures found in the page, follows the reader's colour scheme and window,
 * and serves tabs, legends and selectors. Colours come as "@name" or "@name/opacity".
 */
export const clientScript = String.raw`
(() => {
  'use strict'
  const page = JSON.parse(document.getElementById('cadre-page').textContent)
  const prefersDark = window.matchMedia('(prefers-color-scheme: dark)')
  const narrow = window.matchMedia('(max-width: 640px)')
  const theme = () => page.themes[page.theme === 'auto' ? (prefersDark.matches ? 'dark' : 'light') : page.theme]
  const hiddenIn = (figure) =>
    new Set([...(figure?.querySelectorAll('[aria-pressed=false]') ?? [])].map((button) => button.dataset.series))

  const colour = (token) => {
    const [name, opacity] = token.slice(1).split('/')
    const hex = theme()[name]
    if (opacity === undefined) return hex
    const channel = (i) => parseInt(hex.slice(i, i + 2), 16)
    return 'rgba(' + channel(1) + ',' + channel(3) + ',' + channel(5) + ',' + opacity + ')'
  }
  const coloured = (value) => {
    if (typeof value === 'string') return /^@[a-zA-Z0-9]+(\/[0-9.]+)?$/.test(value) ? colour(value) : value
    if (Array.isArray(value)) return value.map(coloured)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]))
  }
  const merged = (base, patch) => {
    const result = { ...base }
    for (const [key, value] of Object.entries(patch ?? {})) {
      const nested = value !== null && typeof value === 'object' && !Array.isArray(value)
      result[key] = nested ? merged(base[key] ?? {}, value) : value
    }
    return result
  }

  const config = {
    displaylogo: false,
    showSendToCloud: false,
    showEditInChartStudio: false,
    plotlyServerURL: '',
    responsive: true,
    modeBarButtonsToRemove: ['toImage', 'select2d', 'lasso2d', 'autoScale2d'],
  }
  const drawn = (figure, hidden, patch) => ({
    data: coloured(figure.data).map((trace) => (hidden.has(trace.meta) ? { ...trace, visible: false } : trace)),
    layout: { ...coloured(merged(figure.layout, patch)), template: coloured(page.template) },
  })
  const draw = (element) => {
    const figure = page.figures[element.dataset.figure]
    if (figure === undefined || element.closest('[hidden]') !== null) return Promise.resolve()
    const alone = element.dataset.alone !== undefined
    const { data, layout } = drawn(figure, hiddenIn(element.closest('figure')), alone ? figure.alone : narrow.matches ? figure.narrow : {})
    element.style.minHeight = layout.height + 'px'
    const save = {
      name: 'save',
      title: 'Save as SVG, with title and legend',
      icon: window.Plotly.Icons.camera,
      click: () => {
        const whole = drawn(figure, hiddenIn(element.closest('figure')), figure.alone)
        const { height } = whole.layout
        return window.Plotly.downloadImage(whole, { format: 'svg', width: 960, height, filename: element.dataset.figure })
      },
    }
    const buttons = { modeBarButtonsToAdd: [save], displayModeBar: narrow.matches ? false : 'hover' }
    return window.Plotly.react(element, data, layout, { ...config, ...buttons })
  }
  const drawAll = () => Promise.all([...document.querySelectorAll('[data-figure]')].map(draw))

  for (const tabs of document.querySelectorAll('[role=tablist]')) {
    const buttons = [...tabs.querySelectorAll('[role=tab]')]
    const choose = (chosen) => {
      for (const button of buttons) {
        const on = button === chosen
        button.setAttribute('aria-selected', String(on))
        button.tabIndex = on ? 0 : -1
        const panel = document.getElementById(button.getAttribute('aria-controls'))
        panel.hidden = !on
        if (on) panel.querySelectorAll('[data-figure]').forEach(draw)
      }
    }
    buttons.forEach((button, i) => {
      button.addEventListener('click', () => choose(button))
      button.addEventListener('keydown', (event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (move === undefined) return
        const next = buttons[(i + move + buttons.length) % buttons.length]
        next.focus()
        choose(next)
      })
    })
  }
  for (const button of document.querySelectorAll('[data-series]')) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') === 'false'))
      button.closest('figure').querySelectorAll('[data-figure]').forEach(draw)
    })
  }
  for (const select of document.querySelectorAll('select[data-views]')) {
    const choose = () => {
      for (const option of select.options) document.getElementById(option.value).hidden = !option.selected
    }
    select.addEventListener('change', choose)
    choose()
  }
  prefersDark.addEventListener('change', drawAll)
  narrow.addEventListener('change', drawAll)
  drawAll().then(() => { document.documentElement.dataset.drawn = 'true' })
})()
`
