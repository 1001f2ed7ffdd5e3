
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 4
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 4
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <4 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <4 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 4
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load ptr, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load ptr, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load ptr, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load i64, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load ptr, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load i64, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load ptr, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load ptr, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load i64, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load i64, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load ptr, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load ptr, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = sext i32 %thread to i64
  %v84 = sext i32 %threads to i64
  %v85 = icmp ne i64 %v68, 0
  %v86 = select i1 %v85, i64 %v83, i64 0
  %v87 = select i1 %v85, i64 %v84, i64 1
  %v88 = icmp eq i64 %v86, 0
  %v89 = icmp sgt i64 %v87, 1
  %v90 = select i1 %v85, i64 0, i64 %v83
  %v91 = udiv i64 %v86, %v87
  %v92 = add i64 %v86, 1
  %v93 = udiv i64 %v92, %v87
  %v94 = mul i64 %v86, 5
  %v95 = udiv i64 %v94, %v87
  %v96 = add i64 %v86, 1
  %v97 = mul i64 %v96, 5
  %v98 = udiv i64 %v97, %v87
  %v99 = mul i64 %v86, 10
  %v100 = udiv i64 %v99, %v87
  %v101 = add i64 %v86, 1
  %v102 = mul i64 %v101, 10
  %v103 = udiv i64 %v102, %v87
  %v104 = mul i64 %v90, %v52
  %v105 = getelementptr inbounds float, ptr %v50, i64 %v104
  %v106 = mul i64 %v83, %v52
  %v107 = getelementptr inbounds float, ptr %v50, i64 %v106
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  %v110 = alloca i64, align 8
  %v111 = alloca i64, align 8
  %v112 = alloca i64, align 8
  store i64 0, ptr %v111, align 8
  br label %next
next:
  %v113 = load i64, ptr %v111, align 8
  %v114 = add i64 %v113, 1
  store i64 %v114, ptr %v111, align 8
  store i64 %v113, ptr %v112, align 8
  %v115 = xor i1 %v85, true
  br i1 %v115, label %then116, label %end116
then116:
  %v117 = atomicrmw add ptr %v44, i64 1 monotonic
  store i64 %v117, ptr %v112, align 8
  br label %end116
end116:
  %v118 = load i64, ptr %v112, align 8
  %more = icmp slt i64 %v118, %v42
  br i1 %more, label %work, label %finished
work:
  %v119 = mul i64 %v118, 5
  %v120 = getelementptr inbounds i64, ptr %v40, i64 %v119
  %v121 = getelementptr inbounds i64, ptr %v120, i64 0
  %v122 = load i64, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %v120, i64 1
  %v124 = load i64, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %v120, i64 2
  %v126 = load i64, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %v120, i64 3
  %v128 = load i64, ptr %v127, align 8
  %v129 = getelementptr inbounds i64, ptr %v120, i64 4
  %v130 = load i64, ptr %v129, align 8
  %v131 = icmp ne i64 %v56, 0
  %v132 = icmp ne ptr %v48, null
  %v133 = icmp eq i64 %v124, 1
  br i1 %v88, label %then134, label %end134
then134:
  br label %head135
head135:
  %v136 = phi i64 [ 0, %then134 ], [ %v137, %body135 ]
  %v138 = icmp slt i64 %v136, %v124
  br i1 %v138, label %body135, label %done135
body135:
  %v139 = add i64 %v122, %v136
  %v140 = getelementptr inbounds i64, ptr %v46, i64 %v139
  %v141 = load i64, ptr %v140, align 8
  %v142 = mul i64 %v136, 132
  %v143 = getelementptr inbounds float, ptr %v105, i64 %v142
  %v144 = mul i64 %v141, %v10
  %v145 = getelementptr inbounds float, ptr %v8, i64 %v144
  %v146 = getelementptr inbounds float, ptr %v143, i64 80
  call void @copy(ptr %v146, ptr %v145, i64 20)
  %v147 = mul i64 %v141, %v14
  %v148 = getelementptr inbounds float, ptr %v12, i64 %v147
  %v149 = getelementptr inbounds float, ptr %v143, i64 100
  call void @copy(ptr %v149, ptr %v148, i64 20)
  %v137 = add nuw nsw i64 %v136, 1
  br label %head135
done135:
  br label %end134
end134:
  br i1 %v89, label %then150, label %end150
then150:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end150
end150:
  %v151 = add i64 %v126, %v128
  %v152 = select i1 %v131, i64 %v151, i64 %v126
  store i64 %v152, ptr %v110, align 8
  br label %head153
head153:
  %v154 = phi i64 [ 0, %end150 ], [ %v155, %end434 ]
  %v156 = icmp slt i64 %v154, %v130
  br i1 %v156, label %body153, label %done153
body153:
  %v157 = sub i64 %v130, %v154
  %v158 = sub i64 %v157, 1
  %v159 = select i1 %v131, i64 %v158, i64 %v154
  %v160 = urem i64 %v154, 32
  %v161 = icmp eq i64 %v160, 0
  %v162 = and i1 %v161, %v133
  br i1 %v162, label %then163, label %end163
then163:
  %v164 = sub i64 %v130, %v154
  %v165 = icmp sgt i64 %v164, 32
  %v166 = select i1 %v165, i64 32, i64 %v164
  %v167 = sub i64 %v159, %v166
  %v168 = add i64 %v167, 1
  %v169 = select i1 %v131, i64 %v168, i64 %v159
  store i64 %v169, ptr %v108, align 8
  %v170 = getelementptr inbounds i64, ptr %v46, i64 %v122
  %v171 = load i64, ptr %v170, align 8
  %v172 = udiv i64 %v166, 6
  %v173 = urem i64 %v166, 6
  br label %head174
head174:
  %v175 = phi i64 [ 0, %then163 ], [ %v176, %body174 ]
  %v177 = icmp slt i64 %v175, %v172
  br i1 %v177, label %body174, label %done174
body174:
  %v178 = mul i64 %v175, 6
  %v179 = mul i64 %v171, %v6
  %v180 = getelementptr inbounds float, ptr %v2, i64 %v179
  %v181 = mul i64 %v178, 80
  %v182 = getelementptr inbounds float, ptr %v105, i64 792
  %v183 = getelementptr inbounds float, ptr %v182, i64 %v181
  %v184 = add i64 %v169, %v178
  %v185 = mul i64 %v184, %v4
  %v186 = getelementptr inbounds float, ptr %v180, i64 %v185
  %v187 = mul i64 %v100, 2
  %v188 = mul i64 %v103, 2
  %v189 = icmp slt i64 %v188, 20
  %v190 = select i1 %v189, i64 %v188, i64 20
  %v191 = sub i64 %v190, %v187
  %v192 = mul i64 %v187, 12
  %v193 = getelementptr inbounds float, ptr %v72, i64 %v192
  %v194 = mul i64 %v187, 4
  %v195 = getelementptr inbounds float, ptr %v183, i64 %v194
  call void @gw_gemm(i64 6, ptr %v195, i64 80, ptr %v186, i64 %v4, ptr %v193, i64 3, i64 %v191, i1 0, i1 false)
  %v176 = add nuw nsw i64 %v175, 1
  br label %head174
done174:
  %v196 = mul i64 %v172, 6
  %v197 = and i64 %v173, 4
  %v198 = icmp ne i64 %v197, 0
  br i1 %v198, label %then199, label %end199
then199:
  %v200 = mul i64 %v171, %v6
  %v201 = getelementptr inbounds float, ptr %v2, i64 %v200
  %v202 = mul i64 %v196, 80
  %v203 = getelementptr inbounds float, ptr %v105, i64 792
  %v204 = getelementptr inbounds float, ptr %v203, i64 %v202
  %v205 = add i64 %v169, %v196
  %v206 = mul i64 %v205, %v4
  %v207 = getelementptr inbounds float, ptr %v201, i64 %v206
  %v208 = mul i64 %v100, 2
  %v209 = mul i64 %v103, 2
  %v210 = icmp slt i64 %v209, 20
  %v211 = select i1 %v210, i64 %v209, i64 20
  %v212 = sub i64 %v211, %v208
  %v213 = mul i64 %v208, 12
  %v214 = getelementptr inbounds float, ptr %v72, i64 %v213
  %v215 = mul i64 %v208, 4
  %v216 = getelementptr inbounds float, ptr %v204, i64 %v215
  call void @gw_gemm(i64 4, ptr %v216, i64 80, ptr %v207, i64 %v4, ptr %v214, i64 3, i64 %v212, i1 0, i1 false)
  br label %end199
end199:
  %v217 = add i64 %v196, %v197
  %v218 = and i64 %v173, 2
  %v219 = icmp ne i64 %v218, 0
  br i1 %v219, label %then220, label %end220
then220:
  %v221 = mul i64 %v171, %v6
  %v222 = getelementptr inbounds float, ptr %v2, i64 %v221
  %v223 = mul i64 %v217, 80
  %v224 = getelementptr inbounds float, ptr %v105, i64 792
  %v225 = getelementptr inbounds float, ptr %v224, i64 %v223
  %v226 = add i64 %v169, %v217
  %v227 = mul i64 %v226, %v4
  %v228 = getelementptr inbounds float, ptr %v222, i64 %v227
  %v229 = mul i64 %v100, 2
  %v230 = mul i64 %v103, 2
  %v231 = icmp slt i64 %v230, 20
  %v232 = select i1 %v231, i64 %v230, i64 20
  %v233 = sub i64 %v232, %v229
  %v234 = mul i64 %v229, 12
  %v235 = getelementptr inbounds float, ptr %v72, i64 %v234
  %v236 = mul i64 %v229, 4
  %v237 = getelementptr inbounds float, ptr %v225, i64 %v236
  call void @gw_gemm(i64 2, ptr %v237, i64 80, ptr %v228, i64 %v4, ptr %v235, i64 3, i64 %v233, i1 0, i1 false)
  br label %end220
end220:
  %v238 = add i64 %v217, %v218
  %v239 = and i64 %v173, 1
  %v240 = icmp ne i64 %v239, 0
  br i1 %v240, label %then241, label %end241
then241:
  %v242 = mul i64 %v171, %v6
  %v243 = getelementptr inbounds float, ptr %v2, i64 %v242
  %v244 = mul i64 %v238, 80
  %v245 = getelementptr inbounds float, ptr %v105, i64 792
  %v246 = getelementptr inbounds float, ptr %v245, i64 %v244
  %v247 = add i64 %v169, %v238
  %v248 = mul i64 %v247, %v4
  %v249 = getelementptr inbounds float, ptr %v243, i64 %v248
  %v250 = mul i64 %v100, 2
  %v251 = mul i64 %v103, 2
  %v252 = icmp slt i64 %v251, 20
  %v253 = select i1 %v252, i64 %v251, i64 20
  %v254 = sub i64 %v253, %v250
  %v255 = mul i64 %v250, 12
  %v256 = getelementptr inbounds float, ptr %v72, i64 %v255
  %v257 = mul i64 %v250, 4
  %v258 = getelementptr inbounds float, ptr %v246, i64 %v257
  call void @gw_gemm(i64 1, ptr %v258, i64 80, ptr %v249, i64 %v4, ptr %v256, i64 3, i64 %v254, i1 0, i1 false)
  br label %end241
end241:
  %v259 = add i64 %v238, %v239
  br label %end163
end163:
  store i64 %v124, ptr %v109, align 8
  br i1 %v132, label %then260, label %end260
then260:
  store i64 0, ptr %v109, align 8
  br label %head261
head261:
  %v262 = phi i64 [ 0, %then260 ], [ %v263, %body261 ]
  %v264 = icmp slt i64 %v262, %v124
  br i1 %v264, label %body261, label %done261
body261:
  %v265 = add i64 %v122, %v262
  %v266 = getelementptr inbounds i64, ptr %v48, i64 %v265
  %v267 = load i64, ptr %v266, align 8
  %v268 = icmp sgt i64 %v267, %v159
  %v269 = load i64, ptr %v109, align 8
  %v270 = zext i1 %v268 to i64
  %v271 = add i64 %v269, %v270
  store i64 %v271, ptr %v109, align 8
  %v263 = add nuw nsw i64 %v262, 1
  br label %head261
done261:
  br label %end260
end260:
  %v272 = load i64, ptr %v109, align 8
  %v273 = load i64, ptr %v110, align 8
  %v274 = sub i64 %v273, %v272
  %v275 = select i1 %v131, i64 %v274, i64 %v273
  %v276 = add i64 %v273, %v272
  %v277 = select i1 %v131, i64 %v274, i64 %v276
  store i64 %v277, ptr %v110, align 8
  %v278 = add i64 %v159, %v64
  %v279 = icmp ne ptr %v58, null
  %v280 = icmp slt i64 %v278, %v38
  %v281 = and i1 %v279, %v280
  br i1 %v281, label %then282, label %end282
then282:
  store i64 %v124, ptr %v109, align 8
  br i1 %v132, label %then283, label %end283
then283:
  store i64 0, ptr %v109, align 8
  br label %head284
head284:
  %v285 = phi i64 [ 0, %then283 ], [ %v286, %body284 ]
  %v287 = icmp slt i64 %v285, %v124
  br i1 %v287, label %body284, label %done284
body284:
  %v288 = add i64 %v122, %v285
  %v289 = getelementptr inbounds i64, ptr %v48, i64 %v288
  %v290 = load i64, ptr %v289, align 8
  %v291 = icmp sgt i64 %v290, %v278
  %v292 = load i64, ptr %v109, align 8
  %v293 = zext i1 %v291 to i64
  %v294 = add i64 %v292, %v293
  store i64 %v294, ptr %v109, align 8
  %v286 = add nuw nsw i64 %v285, 1
  br label %head284
done284:
  br label %end283
end283:
  %v295 = load i64, ptr %v109, align 8
  br i1 %v89, label %then296, label %end296
then296:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end296
end296:
  br i1 %v88, label %then297, label %end297
then297:
  br label %head298
head298:
  %v299 = phi i64 [ 0, %then297 ], [ %v300, %end313 ]
  %v301 = icmp slt i64 %v299, %v295
  br i1 %v301, label %body298, label %done298
body298:
  %v302 = add i64 %v122, %v299
  %v303 = getelementptr inbounds i64, ptr %v46, i64 %v302
  %v304 = load i64, ptr %v303, align 8
  %v305 = mul i64 %v299, 132
  %v306 = getelementptr inbounds float, ptr %v105, i64 %v305
  %v307 = mul i64 %v278, %v60
  %v308 = mul i64 %v304, %v62
  %v309 = add i64 %v307, %v308
  %v310 = getelementptr inbounds i8, ptr %v58, i64 %v309
  %v311 = load i8, ptr %v310, align 1
  %v312 = icmp ne i8 %v311, 0
  br i1 %v312, label %then313, label %end313
then313:
  %v314 = mul i64 %v304, %v18
  %v315 = getelementptr inbounds float, ptr %v16, i64 %v314
  %v316 = getelementptr inbounds float, ptr %v306, i64 80
  call void @copy(ptr %v316, ptr %v315, i64 20)
  %v317 = mul i64 %v304, %v22
  %v318 = getelementptr inbounds float, ptr %v20, i64 %v317
  %v319 = getelementptr inbounds float, ptr %v306, i64 100
  call void @copy(ptr %v319, ptr %v318, i64 20)
  br label %end313
end313:
  %v300 = add nuw nsw i64 %v299, 1
  br label %head298
done298:
  br label %end297
end297:
  br i1 %v89, label %then320, label %end320
then320:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end320
end320:
  br label %end282
end282:
  br label %head321
head321:
  %v322 = phi i64 [ 0, %end282 ], [ %v323, %body321 ]
  %v324 = icmp slt i64 %v322, %v272
  br i1 %v324, label %body321, label %done321
body321:
  %v325 = add i64 %v122, %v322
  %v326 = getelementptr inbounds i64, ptr %v46, i64 %v325
  %v327 = load i64, ptr %v326, align 8
  %v328 = mul i64 %v322, 132
  %v329 = getelementptr inbounds float, ptr %v105, i64 %v328
  %v330 = mul i64 %v327, %v6
  %v331 = getelementptr inbounds float, ptr %v2, i64 %v330
  %v332 = mul i64 %v159, %v4
  %v333 = getelementptr inbounds float, ptr %v331, i64 %v332
  %v334 = getelementptr inbounds float, ptr %v329, i64 120
  call void @copy(ptr %v334, ptr %v333, i64 3)
  %v323 = add nuw nsw i64 %v322, 1
  br label %head321
done321:
  %v335 = getelementptr inbounds float, ptr %v105, i64 120
  br i1 %v133, label %then336, label %end336
then336:
  %v337 = load i64, ptr %v108, align 8
  %v338 = sub i64 %v159, %v337
  %v339 = mul i64 %v338, 80
  %v340 = getelementptr inbounds float, ptr %v105, i64 792
  %v341 = getelementptr inbounds float, ptr %v340, i64 %v339
  %v342 = mul i64 %v100, 2
  %v343 = mul i64 %v103, 2
  %v344 = icmp slt i64 %v343, 20
  %v345 = select i1 %v344, i64 %v343, i64 20
  %v346 = sub i64 %v345, %v342
  %v347 = mul i64 %v342, 4
  %v348 = mul i64 %v346, 4
  %v349 = getelementptr inbounds float, ptr %v105, i64 %v347
  %v350 = getelementptr inbounds float, ptr %v341, i64 %v347
  call void @copy(ptr %v349, ptr %v350, i64 %v348)
  br label %end336
end336:
  %v351 = xor i1 %v133, true
  br i1 %v351, label %then352, label %end352
then352:
  %v353 = mul i64 %v100, 2
  %v354 = mul i64 %v103, 2
  %v355 = icmp slt i64 %v354, 20
  %v356 = select i1 %v355, i64 %v354, i64 20
  %v357 = sub i64 %v356, %v353
  %v358 = mul i64 %v353, 12
  %v359 = getelementptr inbounds float, ptr %v72, i64 %v358
  %v360 = mul i64 %v353, 4
  %v361 = getelementptr inbounds float, ptr %v105, i64 %v360
  call void @gw_gemm(i64 %v272, ptr %v361, i64 132, ptr %v335, i64 132, ptr %v359, i64 3, i64 %v357, i1 0, i1 false)
  br label %end352
end352:
  %v362 = getelementptr inbounds float, ptr %v105, i64 80
  %v363 = mul i64 %v100, 2
  %v364 = mul i64 %v103, 2
  %v365 = icmp slt i64 %v364, 20
  %v366 = select i1 %v365, i64 %v364, i64 20
  %v367 = sub i64 %v366, %v363
  %v368 = mul i64 %v363, 80
  %v369 = getelementptr inbounds float, ptr %v74, i64 %v368
  %v370 = mul i64 %v363, 4
  %v371 = getelementptr inbounds float, ptr %v105, i64 %v370
  call void @gw_gemm(i64 %v272, ptr %v371, i64 132, ptr %v362, i64 132, ptr %v369, i64 20, i64 %v367, i1 1, i1 false)
  br i1 %v89, label %then372, label %end372
then372:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end372
end372:
  br label %head373
head373:
  %v374 = phi i64 [ 0, %end372 ], [ %v375, %done388 ]
  %v376 = icmp slt i64 %v374, %v272
  br i1 %v376, label %body373, label %done373
body373:
  %v377 = mul i64 %v374, 132
  %v378 = getelementptr inbounds float, ptr %v105, i64 %v377
  %v379 = add i64 %v275, %v374
  %v380 = add i64 %v122, %v374
  %v381 = getelementptr inbounds i64, ptr %v46, i64 %v380
  %v382 = load i64, ptr %v381, align 8
  %v383 = mul i64 %v159, %v26
  %v384 = mul i64 %v382, %v28
  %v385 = getelementptr inbounds float, ptr %v24, i64 %v383
  %v386 = getelementptr inbounds float, ptr %v385, i64 %v384
  %v387 = sub i64 %v98, %v95
  br label %head388
head388:
  %v389 = phi i64 [ 0, %body373 ], [ %v390, %body388 ]
  %v391 = icmp slt i64 %v389, %v387
  br i1 %v391, label %body388, label %done388
body388:
  %v392 = add i64 %v95, %v389
  %v393 = mul i64 %v392, 4
  %v394 = getelementptr inbounds float, ptr %v378, i64 %v393
  %v395 = load <4 x float>, ptr %v394, align 4
  %v396 = getelementptr inbounds float, ptr %v76, i64 %v393
  %v397 = load <4 x float>, ptr %v396, align 4
  %v398 = fadd contract <4 x float> %v395, %v397
  %v399 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v398)
  %v400 = getelementptr inbounds float, ptr %v378, i64 20
  %v401 = getelementptr inbounds float, ptr %v400, i64 %v393
  %v402 = load <4 x float>, ptr %v401, align 4
  %v403 = getelementptr inbounds float, ptr %v78, i64 %v393
  %v404 = load <4 x float>, ptr %v403, align 4
  %v405 = fadd contract <4 x float> %v402, %v404
  %v406 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v405)
  %v407 = getelementptr inbounds float, ptr %v378, i64 40
  %v408 = getelementptr inbounds float, ptr %v407, i64 %v393
  %v409 = load <4 x float>, ptr %v408, align 4
  %v410 = getelementptr inbounds float, ptr %v80, i64 %v393
  %v411 = load <4 x float>, ptr %v410, align 4
  %v412 = fadd contract <4 x float> %v409, %v411
  %v413 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v412)
  %v414 = getelementptr inbounds float, ptr %v378, i64 60
  %v415 = getelementptr inbounds float, ptr %v414, i64 %v393
  %v416 = load <4 x float>, ptr %v415, align 4
  %v417 = getelementptr inbounds float, ptr %v82, i64 %v393
  %v418 = load <4 x float>, ptr %v417, align 4
  %v419 = fadd contract <4 x float> %v416, %v418
  %v420 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v419)
  %v421 = getelementptr inbounds float, ptr %v378, i64 100
  %v422 = getelementptr inbounds float, ptr %v421, i64 %v393
  %v423 = load <4 x float>, ptr %v422, align 4
  %v424 = fmul contract <4 x float> %v406, %v423
  %v425 = fmul contract <4 x float> %v399, %v413
  %v426 = fadd contract <4 x float> %v424, %v425
  %v427 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v426)
  %v428 = fmul contract <4 x float> %v420, %v427
  %v429 = getelementptr inbounds float, ptr %v378, i64 80
  %v430 = getelementptr inbounds float, ptr %v429, i64 %v393
  store <4 x float> %v428, ptr %v430, align 4
  %v431 = getelementptr inbounds float, ptr %v378, i64 100
  %v432 = getelementptr inbounds float, ptr %v431, i64 %v393
  store <4 x float> %v426, ptr %v432, align 4
  %v433 = getelementptr inbounds float, ptr %v386, i64 %v393
  store <4 x float> %v428, ptr %v433, align 4
  %v390 = add nuw nsw i64 %v389, 1
  br label %head388
done388:
  %v375 = add nuw nsw i64 %v374, 1
  br label %head373
done373:
  br i1 %v89, label %then434, label %end434
then434:
  call void @gw.barrier(ptr %v70, i32 %threads)
  br label %end434
end434:
  %v155 = add nuw nsw i64 %v154, 1
  br label %head153
done153:
  br i1 %v88, label %then435, label %end435
then435:
  br label %head436
head436:
  %v437 = phi i64 [ 0, %then435 ], [ %v438, %body436 ]
  %v439 = icmp slt i64 %v437, %v124
  br i1 %v439, label %body436, label %done436
body436:
  %v440 = add i64 %v122, %v437
  %v441 = getelementptr inbounds i64, ptr %v46, i64 %v440
  %v442 = load i64, ptr %v441, align 8
  %v443 = mul i64 %v437, 132
  %v444 = getelementptr inbounds float, ptr %v105, i64 %v443
  %v445 = mul i64 %v442, %v32
  %v446 = getelementptr inbounds float, ptr %v30, i64 %v445
  %v447 = getelementptr inbounds float, ptr %v444, i64 80
  call void @copy(ptr %v446, ptr %v447, i64 20)
  %v448 = mul i64 %v442, %v36
  %v449 = getelementptr inbounds float, ptr %v34, i64 %v448
  %v450 = getelementptr inbounds float, ptr %v444, i64 100
  call void @copy(ptr %v449, ptr %v450, i64 20)
  %v438 = add nuw nsw i64 %v437, 1
  br label %head436
done436:
  br label %end435
end435:
  br label %next
finished:
  ret void
}

define internal <4 x float> @gw.sigmoid.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC05601E680000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x403419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFE6300000000000), <4 x float> %v3)
  %v7 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0x3F2BD01060000000), <4 x float> %v6)
  %v8 = fmul <4 x float> %v7, %v7
  %v9 = fmul <4 x float> %v7, %v8
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3F80C813A0000000), <4 x float> %v8, <4 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v9, <4 x float> %v10, <4 x float> %v7)
  %v12 = bitcast <4 x float> %v4 to <4 x i32>
  %v13 = shl <4 x i32> %v12, splat (i32 23)
  %v14 = bitcast <4 x i32> %v13 to <4 x float>
  %v15 = fadd <4 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <4 x float> %v14, %v15
  %v17 = fsub <4 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <4 x float> %v16, %v17
  %v19 = fdiv <4 x float> %v16, %v18
  ret <4 x float> %v19
}

define internal <4 x float> @gw.tanh.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC02419ECC0000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x402419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x4007154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFD62E4300000000), <4 x float> %v3)
  %v7 = fmul <4 x float> %v6, %v6
  %v8 = fmul <4 x float> %v6, %v7
  %v9 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3FC0C813A0000000), <4 x float> %v7, <4 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v8, <4 x float> %v9, <4 x float> %v6)
  %v11 = bitcast <4 x float> %v4 to <4 x i32>
  %v12 = shl <4 x i32> %v11, splat (i32 23)
  %v13 = bitcast <4 x i32> %v12 to <4 x float>
  %v14 = fadd <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v14, <4 x float> %v10, <4 x float> %v15)
  %v17 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v15, <4 x float> %v10, <4 x float> %v14)
  %v18 = fdiv <4 x float> %v16, %v17
  ret <4 x float> %v18
}

