"""Tables of text: CSV, TSV, what ``rdsamp`` prints, exports of watches and sensors.

A file is parsed in this order: `text_dialect` finds what separates its cells, `layout` where
the samples begin, `above` and `preamble` what the lines above them state, `header` the names and
units of the columns, `body` the numbers. `columns` then decides what each column is. `clock`
reads times of day, `counting` and `steps` find the rate of a column of time, and `timing`
reconciles them. `orientation` is for tables without names. Start at `load`.
"""
