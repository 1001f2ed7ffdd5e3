"""The report of a fit: one file for people, with pictures, that needs no network and runs no script.

``collect`` picks what is shown while the rows are at hand, ``page.render`` makes the file of it.
"""

from gatewise.tasks.forecast.report.collect import Shown as Shown
from gatewise.tasks.forecast.report.collect import facts as facts
from gatewise.tasks.forecast.report.collect import shown as shown
